import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CheckoutCopy, copyCheckout, leftBehind } from "../src/index.ts";

const isRoot = process.getuid?.() === 0;

describe("a copy of the checkout", () => {
  let parent: string;
  let copy: CheckoutCopy;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "viv-private-"));
    copy = await copyCheckout(parent);
  }, 120_000);
  afterEach(() => rm(parent, { recursive: true, force: true }));

  async function playDemo(home: string, by: readonly string[] = []) {
    const [file = copy.node, ...args] = [...by, copy.node, "cli/src/main.ts", "demo", "--home", home];
    const demo = spawn(file, args, { cwd: copy.path, env: { ...copy.env, PATH: process.env.PATH, NO_COLOR: "1" } });
    const [said, complained, [code]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, "exit")]);
    return { said, complained, code };
  }

  it("plays the whole demo below a directory that only its owner may enter", async () => {
    await chmod(parent, 0o700);
    const home = join(parent, "home");
    const { said, ...ended } = await playDemo(home);
    expect(ended).toEqual({ code: 0, complained: "" });
    expect(said).toContain("✓ The record of everything");
    expect(said).toContain(isRoot ? "in an empty namespace" : "NAMESPACE ISOLATION IS OFF");
    expect(await leftBehind(home)).toEqual([]);
  }, 120_000);

  it.runIf(isRoot)(
    "plays it for an ordinary user, and says loudly that nothing keeps plugins in",
    async () => {
      await chmod(parent, 0o777);
      const home = join(parent, "home");
      const { said, ...ended } = await playDemo(home, ["setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups"]);
      expect(ended).toEqual({ code: 0, complained: "" });
      expect(said).toContain("✓ The record of everything");
      expect(said).toMatch(/NAMESPACE ISOLATION IS OFF: plugins are plain processes/);
      expect(said).not.toContain("in an empty namespace");
      expect(await leftBehind(home)).toEqual([]);
    },
    120_000,
  );

  it.runIf(isRoot)(
    "leaves nothing of an ordinary user's platform when that is killed",
    async () => {
      await chmod(parent, 0o777);
      const home = join(parent, "home");
      const by = [
        "--reuid=nobody",
        "--regid=65534",
        "--clear-groups",
        copy.node,
        "cli/src/main.ts",
        "up",
        "--home",
        home,
      ];
      const up = spawn("setpriv", by, { cwd: copy.path, env: { ...copy.env, PATH: process.env.PATH, NO_COLOR: "1" } });
      for await (const said of up.stdout) if (String(said).includes("Vivified is up.")) break;
      expect((await leftBehind(home)).length).toBeGreaterThan(10);
      const ended = once(up, "exit");
      up.kill("SIGKILL");
      await ended;
      await expect.poll(() => leftBehind(home), { timeout: 10_000 }).toEqual([]);
      const log = await readFile(join(home, "logs/postgres.log"), "utf8");
      expect(log).toContain("database system is shut down"); // it was asked, not killed
    },
    120_000,
  );
});
