import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseVerifierKey } from "@vivified/tlog";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHome } from "./home.ts";
import { HomeInUseError, lockHome } from "./lock.ts";
import { openPorts } from "./ports.ts";
import { auditLogKey, secretFile, signingKeyFiles } from "./secrets.ts";

let home: string;
const at = (name: string) => join(home, name);
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "viv-home-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("the folder of a home", () => {
  it("is made with all that is missing above it, closed to others", async () => {
    const opened = await openHome(at("above/home"));
    expect((await stat(opened.at("logs"))).mode & 0o777).toBe(0o700);
  });

  it("says at once when it cannot be made", async () => {
    await writeFile(at("file"), "");
    await expect(openHome(at("file/home"))).rejects.toThrow("EEXIST");
    await expect(openHome("/proc/no-such-home")).rejects.toThrow("/proc/no-such-home");
  });
});

describe("the lock of a home", () => {
  it("refuses a second platform and says who holds it", async () => {
    await using _held = await lockHome(at("lock"));
    await expect(lockHome(at("lock"))).rejects.toThrow(HomeInUseError);
    await expect(lockHome(at("lock"))).rejects.toThrow(new RegExp(`process ${process.pid}.*VIVIFIED_HOME`));
  });

  it("is free again after it was given back", async () => {
    await (await lockHome(at("lock")))[Symbol.asyncDispose]();
    await using _held = await lockHome(at("lock"));
  });

  it.each([
    ["a process that is gone", (held: Holder) => ({ ...held, pid: 4_194_300 })],
    ["another process that got its id", (held: Holder) => ({ ...held, started: "1" })],
    ["a boot before this one", (held: Holder) => ({ ...held, boot: "earlier" })],
  ])("is taken over from %s", async (_name, change) => {
    await using _held = await lockHome(at("lock"));
    const holder = JSON.parse(await readFile(at("lock"), "utf8")) as Holder;
    await writeFile(at("lock"), JSON.stringify(change(holder)));
    await using _taken = await lockHome(at("lock"));
    expect(JSON.parse(await readFile(at("lock"), "utf8"))).toEqual(holder);
  });
});

type Holder = { pid: number; started: string; boot: string };

describe("the ports of a home", () => {
  it("are the same at the next start", async () => {
    const first = await openPorts(at("ports.json"));
    const chosen = await Promise.all([first.of("a"), first.of("b")]);
    const second = await openPorts(at("ports.json"));
    expect(await Promise.all([second.of("a"), second.of("b")])).toEqual(chosen);
  });

  it("are chosen anew when somebody else has taken one", async () => {
    const before = await (await openPorts(at("ports.json"))).of("a");
    const stranger = createServer().listen(before, "127.0.0.1");
    const after = await (await openPorts(at("ports.json"))).of("a");
    stranger.close();
    expect(after).not.toBe(before);
    expect(JSON.parse(await readFile(at("ports.json"), "utf8"))).toEqual({ a: after });
  });

  it("are others than those of another home", async () => {
    const mine = await (await openPorts(at("ports.json"))).of("a");
    const theirs = await (await openPorts(at("other-ports.json"))).of("a");
    expect(mine).not.toBe(theirs);
  });
});

describe("the secrets of a home", () => {
  it("are made once", async () => {
    const { text } = await secretFile(at("secret"));
    expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await secretFile(at("secret"))).text).toBe(text);
  });

  it("hold a key pair whose halves belong together, after a crash between the two files, too", async () => {
    const files = await signingKeyFiles(at("key"));
    const before = await readFile(files.publicFile, "utf8");
    await rm(files.publicFile);
    await signingKeyFiles(at("key"));
    expect(await readFile(files.publicFile, "utf8")).toBe(before);
  });

  it("hold the audit log's key with the verifier key that auditors are given, the same at the next start", async () => {
    const files = await auditLogKey(at("audit-log"), "example.org");
    const vkey = await readFile(files.vkeyFile, "utf8");
    expect(parseVerifierKey(vkey.trim())).toMatchObject({ name: "example.org/audit" });
    await auditLogKey(at("audit-log"), "example.org");
    expect(await readFile(files.vkeyFile, "utf8")).toBe(vkey);
  });
});
