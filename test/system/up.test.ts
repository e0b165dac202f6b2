import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminApi } from "@vivified/cli";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Command, leftBehind, networkNamespaces } from "../src/index.ts";

describe("vivified up", () => {
  let home: string;
  const commands: Command[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-up-"));
  });
  afterEach(async () => {
    await Promise.all(commands.map((command) => command.end("SIGTERM")));
    commands.length = 0;
    await expect.poll(() => leftBehind(home), { timeout: 10_000 }).toEqual([]);
    await rm(home, { recursive: true, force: true });
  });

  function run(...args: string[]): Command {
    const command = new Command([...args, "--home", home]);
    commands.push(command);
    return command;
  }

  async function users(): Promise<string[]> {
    const { corePublic: port } = JSON.parse(await readFile(join(home, "ports.json"), "utf8")) as { corePublic: number };
    const password = (await readFile(join(home, "secrets/first-admin-password"), "utf8")).trim();
    await using api = await AdminApi.open({ username: "admin", password, port, caFile: join(home, "ca.pem") });
    const username = `u-${Date.now().toString(36)}`;
    await api.createUser({ username, email: `${username}@demo.example`, full_name: "Somebody" });
    const { users: all } = await api.call<{ users: { username: string }[] }>("GET", "/admin/users");
    return all.map((user) => user.username);
  }

  it("says where everything is, stops cleanly on Ctrl-C, and continues with its data", async () => {
    const first = run("up");
    await first.says("Vivified is up.");
    for (const path of ["ca.pem", "secrets/first-admin-password", "logs"])
      expect(first.output).toContain(join(home, path));
    expect(first.output).toMatch(/API +https:\/\/localhost:\d+/);
    const before = await users();
    const list = run("decisions", "--limit", "20");
    expect(await list.exit()).toBe(0);
    expect(list.output).toMatch(/create user +user .* allow +identity\.user_created/);
    const [, trace] = /([0-9a-f]{8}) .* create user +user /.exec(list.output) ?? [];
    const chain = run("decisions", "--trace", String(trace));
    expect(await chain.exit()).toBe(0);
    expect(new Set(chain.output.match(/(?<=^[0-9:.]+ +)[0-9a-f]{8}/gm))).toEqual(new Set([trace]));
    expect(await first.end("SIGINT")).toBe(0);
    expect(await leftBehind(home)).toEqual([]);
    const late = run("decisions");
    expect(await late.exit()).toBe(1);
    expect(late.output).toContain(`no platform runs in ${home}`);

    const second = run("up");
    await second.says("Vivified is up.");
    expect(await users()).toEqual(expect.arrayContaining(before));
  });

  it("refuses a second one in the same directory, and the first goes on with its home closed to others", async () => {
    const first = run("up");
    await first.says("Vivified is up.");
    expect((await stat(home)).mode & 0o077).toBe(0);
    for (const secret of await readdir(join(home, "secrets"))) {
      expect((await stat(join(home, "secrets", secret))).mode & 0o777).toBe(0o600);
    }
    const second = run("up");
    expect(await second.exit()).toBe(1);
    expect(second.output).toMatch(/a platform already runs in this directory \(process \d+\)/);
    expect(await users()).toContain("admin");
  });

  it("leaves no process and no namespace behind when it is killed, and starts again", async () => {
    const before = await networkNamespaces();
    const first = run("up");
    await first.says("Vivified is up.");
    const known = await users();
    const during = [...(await networkNamespaces())].filter((name) => !before.has(name));
    first.process.kill("SIGKILL");
    await first.exit();
    await expect.poll(() => leftBehind(home), { timeout: 10_000 }).toEqual([]);
    const after = await networkNamespaces();
    expect(during.filter((name) => after.has(name))).toEqual([]);

    const second = run("up");
    await second.says("Vivified is up.");
    expect(await users()).toEqual(expect.arrayContaining(known));
  });

  it("can be stopped while it starts", async () => {
    const command = run("up");
    await command.says("starting control plane");
    expect(await command.end("SIGINT")).toBe(0);
  });
});
