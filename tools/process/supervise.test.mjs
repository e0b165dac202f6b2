import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

const supervise = new URL("supervise.mjs", import.meta.url).href;
const parent = `
  const { supervise } = await import(${JSON.stringify(supervise)});
  const { code } = await supervise(process.execPath, ["-e", process.argv[1]], process.env);
  process.exitCode = code;
`;
const countsSignals = `
  let seen = 0;
  process.on("SIGTERM", () => { seen += 1; setTimeout(() => process.exit(40 + seen), 300); });
  setInterval(() => {}, 1_000);
  console.log("ready");
`;

function start(script) {
  return spawn(process.execPath, ["--input-type=module", "-e", parent, script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

describe("supervise", () => {
  it("ends with the child's code", async () => {
    expect(await once(start("process.exit(7)"), "exit")).toEqual([7, null]);
  });

  it("ends with 128 and the number of the signal that ended the child", async () => {
    expect(await once(start("process.kill(process.pid, 'SIGKILL')"), "exit")).toEqual([137, null]);
  });

  it("passes a signal on once, though npm and the terminal both deliver it", async () => {
    const child = start(countsSignals);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGTERM"), 50);
    expect(await once(child, "exit")).toEqual([41, null]);
  });
});
