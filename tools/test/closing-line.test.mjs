import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../test.mjs", import.meta.url));

describe("npm test", () => {
  let folder;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vivified-closing-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function fakeOpa(script) {
    const path = join(folder, "opa");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  function start(args, opa) {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, VIVIFIED_OPA: opa ?? "opa" } });
    const said = { text: "" };
    child.stdout.on("data", (chunk) => {
      said.text += chunk;
    });
    return { child, said, ended: once(child, "close") };
  }

  it("sums what an engine says, and is red when one test is", async () => {
    const place = { package: "data.a_test", location: { file: "a_test.rego", row: 1, col: 1 } };
    const results = [{ name: "a" }, { name: "b", fail: true }, { name: "c", skip: true }];
    const printed = JSON.stringify(results.map((result) => ({ ...place, ...result })));
    const script = `case $1 in check) ;; test) echo '${printed}'; exit 2;; *) exit 1;; esac`; // nothing compiles to Wasm
    const { said, ended } = start(["--only", "policy-tests"], fakeOpa(script));
    expect(await ended).toEqual([1, null]);
    expect(closingLines(said)).toEqual(["1 passed, 2 failed"]);
  });

  it("counts a runner that dies without results as a failure", async () => {
    const { said, ended } = start(["--only", "policy-tests"], fakeOpa("kill -SEGV $$"));
    expect(await ended).toEqual([1, null]);
    expect(closingLines(said)).toEqual(["0 passed, 1 failed"]);
  });

  it("is red when it does not know what to run", async () => {
    const { said, ended } = start(["--only", "everything"]);
    expect(await ended).toEqual([1, null]);
    expect(closingLines(said)).toEqual(["0 passed, 1 failed"]);
  });

  it("closes with its line when it is told to stop", async () => {
    const { child, said, ended } = start(["--only", "policy-tests"], fakeOpa(`touch ${folder}/started; exec sleep 10`));
    await expect.poll(() => existsSync(join(folder, "started")), { timeout: 10_000 }).toBe(true);
    child.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
    expect(closingLines(said)).toEqual(["0 passed, 1 failed"]);
  });
});

function closingLines({ text }) {
  const lines = text.trimEnd().split("\n");
  const closing = lines.filter((line) => /^\d+ passed, \d+ failed$/.test(line));
  return closing.length === 1 && lines.at(-1) === closing[0] ? closing : lines;
}
