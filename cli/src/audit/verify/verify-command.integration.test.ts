import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../audit.fixtures.ts";
import { type ExportSpec, testKey, testWitness } from "./export.fixtures.ts";
import { type ExportGround, exportGround, idOf, lineOf, records, signer } from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

describe("vivified audit verify", () => {
  it("ends with 0 and says what was verified", async () => {
    const { directory } = await exported();
    await writeFile(ground.path("key"), `${signer.vkey}\n`);
    const { code, out, err } = await audit("verify", directory, "--key", ground.path("key"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("700 records are as the log has them (places 0 to 699: the whole log)");
    expect(out.trimEnd().endsWith("\nverified")).toBe(true);
  });

  it("ends with 1, names the record and why, and obeys nothing that the export says to the terminal", async () => {
    const written = await exported();
    const forged = { ...records[9], decision_id: "\u001b[2Kx\nverified" };
    await written.rewrite((lines) =>
      lines.with(8, lineOf(8, { ...records[8], caller: "x" })).with(9, lineOf(9, forged)),
    );
    const { code, out } = await audit("verify", written.directory, "--key", signer.vkey);
    expect(code).toBe(1);
    expect(out).toContain(`record_changed: place 8 ${idOf(8)} ${records[8]?.timestamp}: line 9 has the record`);
    expect(out).not.toContain("\u001b");
    expect(out).not.toMatch(/^verified$/m);
    expect(out).toMatch(/^NOT VERIFIED: /m);
  });

  it("speaks JSON", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.slice(1));
    const { code, out } = await audit("verify", written.directory, "--key", signer.vkey, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      counts: { record_removed: 1 },
      findings: [{ kind: "record_removed", index: 0, id: idOf(0) }],
    });
  });

  it.each([
    ["no key", []],
    ["a key that is none", ["--key", "nonsense"]],
    ["the key of a witness", ["--key", testWitness("one.example").vkey]],
    ["a witness that is none", ["--key", signer.vkey, "--witness", signer.vkey]],
    ["an old key without a checkpoint that was kept", ["--key", signer.vkey, "--old-key", signer.vkey]],
    [
      "an old key of another log",
      ["--key", signer.vkey, "--old-key", testKey("elsewhere.example/audit").vkey, "--checkpoint", "package.json"],
    ],
    ["a kept checkpoint that is not there", ["--key", signer.vkey, "--checkpoint", "/nowhere"]],
  ])("ends with 2 for %s", async (_, args) => {
    expect((await audit("verify", (await exported()).directory, ...args)).code).toBe(2);
  });

  it("ends with 2 when there is no export", async () => {
    expect((await audit("verify", ground.path("nothing"), "--key", signer.vkey)).code).toBe(2);
  });
});
