import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { folder } from "../audit.fixtures.ts";
import { someRecords, testKey, writeTestExport } from "./export.fixtures.ts";

let files: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  files = await folder();
  await mkdir(files.path("cache"));
});
afterAll(() => files[Symbol.asyncDispose]());

const run = join(import.meta.dirname, "../../../../tools/run.mjs");
/** No command is found, no registry answers: whatever set-up wanted to bring would fail, and say so. */
const nothing = {
  PATH: "/nowhere",
  npm_config_registry: "http://127.0.0.1:9",
  GOPROXY: "off",
  PIP_INDEX_URL: "http://127.0.0.1:9",
};

async function npmRunVivified(...args: readonly string[]) {
  const env = { ...nothing, HOME: files.path("cache"), VIVIFIED_CACHE: files.path("cache"), NO_COLOR: "1" };
  const child = spawn(process.execPath, [run, "vivified", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, out, err };
}

it("verifies with Node and npm's packages alone: without PostgreSQL, Envoy, NATS, OPA, and without a network", async () => {
  const signer = testKey();
  const { directory } = await writeTestExport(files.path("export"), { records: someRecords(300), signer });
  const ran = await npmRunVivified("audit", "verify", directory, "--key", signer.vkey);
  expect(ran).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/\nverified\n$/) });
  expect(await readdir(files.path("cache"))).toEqual([]);
  expect(await npmRunVivified("audit", "prove", "--help")).toMatchObject({ code: 0, err: "" });
});

it("is not how other commands start: they want all that a platform runs on", { timeout: 60_000 }, async () => {
  const { code, out, err } = await npmRunVivified("policy", "--help");
  expect(code).toBe(1);
  expect(out + err).toMatch(/envoy|opa/i);
});
