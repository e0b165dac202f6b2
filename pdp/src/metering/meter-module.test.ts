import { describe, expect, it } from "vitest";
import { compilePolicy } from "../engine/compile-policy.ts";
import { fuelExport, meterModule } from "./meter-module.ts";
import { wasmOf } from "./wasm.fixtures.ts";

/** `loop (br 0)` */
const forever = [0x03, 0x40, 0x0c, 0x00, 0x0b];
const call = (index: number) => [0x10, index];
/** A loop that adds one to global 0 until that is ten. */
const tenTurns = [0x03, 0x40, 0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x23, 0, 0x41, 10, 0x48, 0x0d, 0, 0x0b];
/** `memory.fill` of the whole page. */
const fill = [0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x04, 0xfc, 0x0b, 0x00];
const tailCall = [0x12, 0x00];

type Metered = { readonly run: (name: string) => void; readonly fuel: WebAssembly.Global };

async function metered(bytes: Uint8Array, steps: number): Promise<Metered> {
  const { exports } = await WebAssembly.instantiate(await compilePolicy(bytes), { env: {} });
  const fuel = exports[fuelExport] as WebAssembly.Global;
  fuel.value = steps;
  return { fuel, run: (name) => (exports[name] as () => void)() };
}

describe("a metered module", () => {
  it("traps in a loop that has no end, when its steps are used up", async () => {
    const { run, fuel } = await metered(wasmOf(forever), 1000);
    expect(() => run("f0")).toThrow(WebAssembly.RuntimeError);
    expect(fuel.value).toBe(0);
  });

  it("traps in calls that have no end, long before the stack does", async () => {
    const { run, fuel } = await metered(wasmOf(call(1), call(0)), 100);
    expect(() => run("f0")).toThrow(WebAssembly.RuntimeError);
    expect(fuel.value).toBe(0);
  });

  it("traps when calls double with every level", async () => {
    const doubling = Array.from({ length: 60 }, (_, level) => [...call(level + 1), ...call(level + 1)]);
    const { run } = await metered(wasmOf(...doubling, []), 10_000);
    expect(() => run("f0")).toThrow(WebAssembly.RuntimeError);
  });

  it("takes a step for every turn of a loop and every call of a function that calls", async () => {
    const { run, fuel } = await metered(wasmOf(tenTurns, [...call(0), ...call(2)], []), 100);
    run("f0");
    expect(fuel.value).toBe(90);
    run("f1");
    expect(fuel.value).toBe(88);
    run("f2");
    expect(fuel.value).toBe(88);
  });

  it("takes steps while it is instantiated, too", async () => {
    const start = wasmOf(forever);
    const at = start.lastIndexOf(10, start.length - 9);
    const withStart = Uint8Array.from([...start.slice(0, at), 8, 1, 0, ...start.slice(at)]);
    await expect(metered(withStart, 0)).rejects.toThrow(WebAssembly.RuntimeError);
  });
});

describe("meterModule", () => {
  it.each([
    ["fills memory at one stroke", wasmOf(fill), "0xfc 0xb"],
    ["calls in place of returning", wasmOf(tailCall), "0x12"],
    ["holds an instruction that nobody knows", wasmOf([0xff]), "0xff"],
    ["writes an index in six bytes", wasmOf([0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), "too long"],
    ["writes an index above 32 bits", wasmOf([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]), "too large"],
    ["branches to more places than it has bytes", wasmOf([0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]), "in the middle"],
    ["names a second memory", wasmOf([0x28, 0x42, 0x01, 0x00]), "more than one memory"],
  ])("refuses a module that %s", (_, bytes, why) => {
    expect(() => meterModule(bytes)).toThrow(
      expect.objectContaining({ code: "policy_bundle_refused", detail: expect.stringContaining(why) }),
    );
  });

  it("refuses a module that ends anywhere before its end", () => {
    const whole = wasmOf(tenTurns, call(0));
    for (let length = 0; length < whole.length; length++) {
      expect(() => meterModule(whole.subarray(0, length)), String(length)).toThrow(
        expect.objectContaining({ code: "policy_bundle_refused" }),
      );
    }
  });

  it("refuses two sections of one kind", () => {
    const whole = wasmOf([]);
    const code = whole.subarray(whole.length - 6);
    expect(() => meterModule(Uint8Array.from([...whole, ...code]))).toThrow(
      expect.objectContaining({ detail: expect.stringContaining("section 10") }),
    );
  });
});

describe("compilePolicy", () => {
  it("refuses a module that reaches for the meter", async () => {
    const refuel = [0x41, 0xff, 0x00, 0x24, 0x01];
    await expect(compilePolicy(wasmOf(refuel))).rejects.toThrow(/global/);
  });

  it("refuses a module that brings an export of the meter's name", async () => {
    await expect(compilePolicy(meterModule(wasmOf(forever)))).rejects.toThrow(/[Dd]uplicate export/);
  });

  it("refuses a module that imports a global", async () => {
    const bytes = wasmOf([]);
    const global = [2, 8, 1, 1, 0x61, 1, 0x62, 0x03, 0x7f, 0x00];
    const withImport = Uint8Array.from([...bytes.slice(0, 14), ...global, ...bytes.slice(14)]);
    await expect(compilePolicy(withImport)).rejects.toMatchObject({ code: "policy_bundle_refused" });
  });
});
