import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coreThat } from "../decisions/core.fixtures.ts";
import { audit, folder } from "./audit.fixtures.ts";

let files: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  files = await folder();
});
afterAll(() => files[Symbol.asyncDispose]());

describe("vivified audit export", () => {
  it("writes what core gives into a file that only its owner reads, and asks for what was asked", async () => {
    await using core = await coreThat((_, reply) => reply.end("line\n".repeat(1_000)));
    const output = files.path("out.csv");
    const filter = ["--since", "2026-11-01", "--caller", "a&b", "--effect", "deny", "--rule", "rpc.granted"];
    const ran = await audit("export", "--format", "csv", "-o", output, ...filter, ...core.at, "--json");
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(ran.out)).toEqual({ output, format: "csv", bytes: 5_000 });
    expect(await readFile(output, "utf8")).toBe("line\n".repeat(1_000));
    expect(core.asked).toContain(
      "/admin/audit/export?caller=a%26b&effect=deny&rule=rpc.granted&since=2026-11-01T00%3A00%3A00.000Z&format=csv",
    );
  });

  it("asks for every filter that a search has, and for the events of OPA", async () => {
    await using core = await coreThat((_, reply) => reply.end("{}\n"));
    const filters = ["lane=mesh", "caller=a", "target=t", "action=invoke", "resource=r", "effect=deny", "rule=x.y"];
    const more = ["revision=0123", "text=no grant", "outcome=failed", "trace=0af7651916cd43dd8448eb211c80319c"];
    const asked = [...filters, ...more, "until=2026-12-01"].map((one) => `--${one}`);
    expect((await audit("export", "-o", "-", "--format", "opa", ...asked, "--would-deny", ...core.at)).code).toBe(0);
    expect(Object.fromEntries(new URL(core.asked[0] ?? "", "http://core").searchParams)).toEqual({
      ...{ lane: "mesh", caller: "a", target: "t", action: "invoke", resource: "r", effect: "deny", rule: "x.y" },
      ...{ revision: "0123", text: "no grant", outcome: "failed", trace_id: "0af7651916cd43dd8448eb211c80319c" },
      ...{ until: "2026-12-01T00:00:00.000Z", would_deny: "true", format: "opa" },
    });
  });

  it("asks for a signed bundle of a stretch, leading to a checkpoint that was kept", async () => {
    await using core = await coreThat((_, reply) => reply.end("archive"));
    const kept = files.path("kept");
    await writeFile(kept, `log\n42\n${Buffer.alloc(32).toString("base64")}\n\n— log AAAAAAA=\n`);
    const bundle = ["--format", "bundle", "-o", files.path("b.tar.gz"), "--from", "7", "--to", "9"];
    expect(await audit("export", ...bundle, "--checkpoint", kept, ...core.at)).toMatchObject({ code: 0, err: "" });
    expect(core.asked).toContain("/admin/audit/bundle?from=7&to=9&compare=42");
  });

  it("prints on standard output, and nothing else there", async () => {
    await using core = await coreThat((_, reply) => reply.end('{"a":1}\n'));
    expect(await audit("export", "-o", "-", ...core.at)).toMatchObject({ code: 0, out: '{"a":1}\n' });
  });

  it("leaves no part of an answer that breaks off", async () => {
    await using core = await coreThat((_, reply) => {
      reply.write("one line\n", () => setTimeout(() => reply.destroy(), 50));
    });
    const output = files.path("broken.ndjson");
    expect((await audit("export", "-o", output, ...core.at)).code).toBe(2);
    expect((await readdir(dirname(output))).filter((name) => name.startsWith("broken"))).toEqual([]);
  });

  it("says why core refuses", async () => {
    await using core = await coreThat((_, reply) => {
      reply.writeHead(403, { "content-type": "application/problem+json" });
      reply.end(JSON.stringify({ code: "denied", title: "Policy denies this action" }));
    });
    const { code, err } = await audit("export", "-o", files.path("none"), ...core.at);
    expect(code).toBe(2);
    expect(err).toContain("403 denied");
  });

  it.each([
    ["no file", []],
    ["a format that is none", ["-o", "x", "--format", "xml"]],
    ["a time that is none", ["-o", "x", "--since", "yesterday"]],
    ["a place that is none", ["-o", "x", "--format", "bundle", "--from", "-1"]],
    ["a filter of lines for a bundle", ["-o", "x", "--format", "bundle", "--caller", "a"]],
    ["an outcome for a bundle", ["-o", "x", "--format", "bundle", "--outcome", "done"]],
    ["would-deny for a bundle", ["-o", "x", "--format", "bundle", "--would-deny"]],
    ["a lane that is none", ["-o", "x", "--lane", "fast"]],
    ["a place of a bundle for lines", ["-o", "x", "--from", "1"]],
    ["a checkpoint that is none", ["-o", "x", "--format", "bundle", "--checkpoint", "/dev/null"]],
  ])("does not understand %s", async (_, args) => {
    expect((await audit("export", ...args)).code).toBe(2);
  });
});
