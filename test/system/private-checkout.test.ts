import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leftBehind } from "../src/index.ts";

const run = promisify(execFile);
const original = resolve(import.meta.dirname, "../..");

/** PostgreSQL and the plugins run under uids that cannot enter the folders above, and must still find what they run. */
describe("a checkout below a directory that only its owner may enter", () => {
  let parent: string;
  let checkout: string;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), "viv-private-"));
    await chmod(parent, 0o700);
    checkout = join(parent, "checkout");
    await mkdir(checkout);
    const parts = (await readdir(original)).filter((name) => ![".git", ".vivified", "dist", "coverage"].includes(name));
    for (const part of parts) await copy(join(original, part), checkout);
  }, 120_000);
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it("plays the whole demo", async () => {
    const home = join(parent, "home");
    const env = { ...process.env, ...toolsOfTheCopy(await realpath(process.execPath)), NO_COLOR: "1" };
    const node = env.VIVIFIED_NODE ?? process.execPath;
    const demo = spawn(node, ["cli/src/main.ts", "demo", "--home", home], { cwd: checkout, env });
    const [said, complained, [code]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, "exit")]);
    expect({ code, complained }).toEqual({ code: 0, complained: "" });
    expect(said).toContain("✓ The record of everything");
    expect(await leftBehind(home)).toEqual([]);
  }, 120_000);

  /** What lies inside the checkout is taken from the copy; the other tools are where they are. */
  function toolsOfTheCopy(node: string): Record<string, string> {
    const moved = (path: string) =>
      path.startsWith(`${original}/`) ? join(checkout, path.slice(original.length)) : path;
    const postgres = process.env.VIVIFIED_POSTGRES_BIN ?? "";
    return { VIVIFIED_NODE: moved(node), VIVIFIED_POSTGRES_BIN: moved(postgres) };
  }
});

/** Hard links where that is possible: the packages alone are half a gigabyte. */
async function copy(path: string, into: string): Promise<void> {
  await run("cp", ["-a", "--link", path, into]).catch(() => run("cp", ["-a", path, into]));
}
