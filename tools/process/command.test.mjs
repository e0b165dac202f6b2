import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const command = new URL("./command.mjs", import.meta.url).href;
const endOnSignal = new URL("./end-on-signal.mjs", import.meta.url).href;

describe("a logged command", () => {
  let folder;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vivified-command-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("ends with us, and what it started, although it does not care for signals", async () => {
    const pids = join(folder, "pids");
    const stubborn = `trap "" INT TERM HUP; sleep 60 & echo $$ $! > ${pids}; wait`;
    const parent = spawn(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { runLogged } from "${command}"; import { endOnSignal } from "${endOnSignal}";
       await endOnSignal(() => runLogged("sh", ["-c", ${JSON.stringify(stubborn)}], { log: "${join(folder, "log")}" }));`,
    ]);
    await expect.poll(() => existsSync(pids) && readFileSync(pids, "utf8").trim()).toMatch(/^\d+ \d+$/);
    parent.kill("SIGINT");
    expect(await once(parent, "exit")).toEqual([130, null]);
    for (const pid of readFileSync(pids, "utf8").trim().split(" ")) await expect.poll(() => runs(pid)).toBe(false);
  });
});

/** Nobody may have collected what is left of it. */
function runs(pid) {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
