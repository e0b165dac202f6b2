import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guard } from "../guard/guard.ts";
import { Child } from "../process/child.ts";
import { probeIsolation } from "./probe-isolation.ts";
import { Sandbox, systemPath } from "./sandbox.ts";
import { verifyIsolation } from "./verify-isolation.ts";

const run = promisify(execFile);
const user = 54_400;

describe.runIf(process.getuid?.() === 0)("a sandbox", () => {
  let home: string;
  let guard: Guard;
  let sandbox: Sandbox;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-sandbox-"));
    guard = await Guard.open(join(home, "guard.json"));
    await writeFile(join(home, "given.txt"), "given", { mode: 0o644 });
    const mounts = [
      { kind: "ro", source: process.execPath, target: "/app/node" },
      { kind: "ro", source: join(home, "given.txt"), target: "/app/given.txt" },
      { kind: "tmp", size: "1m", target: "/tmp" },
    ] as const;
    sandbox = await Sandbox.open({ name: "test", directory: join(home, "root"), mounts, network: "empty", guard });
  });

  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await guard[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  async function inside(script: string): Promise<unknown> {
    const { file, args } = sandbox.enter({ user, file: "/app/node", args: ["-e", script] });
    const { stdout } = await run(file, [...args], { env: systemPath() });
    return JSON.parse(stdout);
  }

  it("is available here", async () => {
    expect(await probeIsolation(home, guard)).toEqual({ mode: "namespaces" });
  });

  it("says why it could not be made, also when that is known before the guard knows of it", async () => {
    const slow = { watch: () => sleep(500), forget: () => undefined } as unknown as Guard;
    const mounts = [{ kind: "ro", source: join(home, "absent"), target: "/app/absent" }] as const;
    const options = { name: "test", directory: join(home, "other"), mounts, network: "empty", guard: slow } as const;
    await expect(Sandbox.open(options)).rejects.toThrow(/test: namespaces could not be made: .*absent/s);
  });

  it("shows what it was given and nothing else of the machine", async () => {
    const script = `const fs = require("fs"); console.log(JSON.stringify({
      app: fs.readdirSync("/app"), text: fs.readFileSync("/app/given.txt", "utf8"),
      others: ["/root", "/home", "/work", "/var", "/etc/passwd", ${JSON.stringify(home)}].filter((path) => fs.existsSync(path)) }))`;
    expect(await inside(script)).toEqual({ app: ["given.txt", "node"], text: "given", others: [] });
  });

  it("has loopback and no other interface, and sees no process but its own", async () => {
    const script = `console.log(JSON.stringify({
      interfaces: Object.keys(require("os").networkInterfaces()),
      processes: require("fs").readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length }))`;
    expect(await inside(script)).toEqual({ interfaces: ["lo"], processes: 3 }); // it, and the two that keep the sandbox
  });

  it("can write nothing but its temporary folder", async () => {
    const script = `const fs = require("fs"); const refused = (path) => { try { fs.writeFileSync(path, "x"); return null } catch (error) { return error.code } };
      console.log(JSON.stringify(["/x", "/app/given.txt", "/usr/x", "/tmp/x", "/proc/1/oom_score_adj"].map(refused)))`;
    expect(await inside(script)).toEqual(["EROFS", "EROFS", "EROFS", null, "EACCES"]);
  });

  it("has a bound on processes, open files and core dumps", async () => {
    const script = `console.log(JSON.stringify(require("fs").readFileSync("/proc/self/limits", "utf8")
      .split("\\n").filter((line) => /^Max (processes|open files|core file size)/.test(line)).map((line) => line.split(/ {2,}/).slice(0, 3))))`;
    expect(await inside(script)).toEqual([
      ["Max core file size", "0", "0"],
      ["Max processes", "512", "512"],
      ["Max open files", "4096", "4096"],
    ]);
  });

  it("runs a process that the kernel says is confined", async () => {
    const { file, args } = sandbox.enter({ user, file: "/app/node", args: ["-e", "setInterval(() => {}, 1000)"] });
    const logFile = join(home, "confined.log");
    await using child = await Child.start(
      { name: "confined", file, args, env: systemPath(), logFile, forks: true },
      guard,
    );
    await expect.poll(() => verifyIsolation(child.pid, user).then(() => "confined", String)).toBe("confined");
  });

  it("forgets what a killed process left behind: it does not add up against the bound on processes", async () => {
    const leaveTwoHundred = `const { spawnSync } = require("child_process");
      spawnSync("/bin/sh", ["-c", "i=0; while [ $i -lt 200 ]; do sleep 0.2 & i=$((i+1)); done; kill -9 $$"]);
      setTimeout(() => console.log(JSON.stringify(spawnSync("/bin/true").status)), 1000)`;
    for (let time = 0; time < 4; time++) expect(await inside(leaveTwoHundred)).toBe(0);
    const script = `const fs = require("fs"); console.log(JSON.stringify(
      fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length))`;
    await expect.poll(() => inside(script), { timeout: 10_000 }).toBe(3);
  });

  it("runs under no group but its own, whoever's it was started under", async () => {
    const script = "console.log(JSON.stringify([process.getgid(), process.getegid(), process.getgroups()]))";
    const { file, args } = sandbox.enter({ user, file: "/app/node", args: ["-e", script] });
    const { stdout } = await run("setpriv", ["--groups=4,5", file, ...args], { env: systemPath() });
    expect(JSON.parse(stdout)).toEqual([user, user, [user]]);
  });

  it.each([
    ["its uid", `--reuid=${user}`, /Uid is 0/],
    ["its gid", `--regid=${user}`, /Gid is /],
    ["the bound on its capabilities", "--bounding-set=-all", /CapBnd is /],
    ["the promise that it gains none", "--no-new-privs", /NoNewPrivs is 0/],
  ])("does not call a process confined without %s", async (_, without, fault) => {
    const entering = sandbox.enter({ user, file: "/app/node", args: ["-e", "setInterval(() => {}, 1000)"] });
    const args = entering.args.filter((arg) => arg !== without);
    expect(args).toHaveLength(entering.args.length - 1);
    const command = { name: "unconfined", file: entering.file, args, env: systemPath(), forks: true };
    await using child = await Child.start({ ...command, logFile: join(home, "unconfined.log") }, guard);
    await expect.poll(() => verifyIsolation(child.pid, user).then(() => "confined", String)).toMatch(fault);
  });

  it("does not call a plain process confined", async () => {
    await expect(verifyIsolation(process.pid, user)).rejects.toThrow(/Uid is .*CapEff is .*shares our net namespace/s);
  });
});
