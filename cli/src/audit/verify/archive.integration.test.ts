import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { systemClock } from "@vivified/runtime";
import { packTar, type TarHeader } from "modern-tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folder } from "../audit.fixtures.ts";
import { someRecords, testKey, type WrittenExport, writeTestExport } from "./export.fixtures.ts";
import { logKey } from "./trusted-keys.ts";
import { verifyPath } from "./verify-path.ts";

type Entry = { readonly header: TarHeader; readonly body?: Uint8Array };

let files: Awaited<ReturnType<typeof folder>>;
let written: WrittenExport;
let whole: readonly Entry[];
const signer = testKey();

beforeAll(async () => {
  files = await folder();
  written = await writeTestExport(files.path("export"), { records: someRecords(300), signer });
  whole = await entriesOf(written.directory);
});
afterAll(() => files[Symbol.asyncDispose]());

async function entriesOf(directory: string): Promise<Entry[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return Promise.all(paths.map(async (path) => file(path.slice(directory.length + 1), await readFile(path))));
}

const file = (name: string, body: Uint8Array, more: Partial<TarHeader> = {}): Entry => ({
  header: { name, size: body.length, type: "file", ...more },
  body,
});

let archives = 0;
async function archived(entries: readonly Entry[], change: (tar: Buffer) => Buffer = (tar) => tar): Promise<string> {
  archives += 1;
  const tar = await packTar(entries.map(({ header, body }) => ({ header, ...(body && { body }) })));
  const path = files.path(`archive-${archives}.tar.gz`);
  await writeFile(path, gzipSync(change(Buffer.from(tar))));
  return path;
}

const verify = async (path: string) =>
  verifyPath(path, { log: await logKey(signer.vkey), witnesses: [], clock: systemClock, asked: {} });
const refused = (detail: unknown = expect.anything()) => ({
  verified: 0,
  findings: { list: [{ kind: "malformed_export", detail }] },
});

describe("an archive", () => {
  it("verifies as its directory does, whatever directories it lists", async () => {
    const directories: Entry[] = [{ header: { name: "tile/", size: 0, type: "directory" } }];
    expect(await verify(await archived([...directories, ...whole]))).toMatchObject({
      verified: 300,
      findings: { list: [] },
    });
  });

  const outside = "escaped-from-export";
  const link = (name: string, type: "symlink" | "link", linkname: string): Entry => ({
    header: { name, size: 0, type, linkname },
  });

  it.each<readonly [string, () => readonly Entry[]]>([
    ["a path that leads out", () => [...whole, file(`../${outside}`, Buffer.from("x"))]],
    ["an absolute path", () => [...whole, file(`/tmp/${outside}`, Buffer.from("x"))]],
    ["a path that leads out through a tile", () => [...whole, file(`tile/0/../../../${outside}`, Buffer.from("x"))]],
    ["a symbolic link", () => [...whole, link("tile/5/000", "symlink", "/etc/passwd")]],
    ["a hard link", () => [...whole, link("tile/5/000", "link", "/etc/passwd")]],
    ["a link in place of its records", () => [link("records.ndjson", "symlink", "/etc/passwd"), ...whole.slice(1)]],
    ["a file that no export has", () => [...whole, file("README", Buffer.from("x"))]],
    ["a file that is there twice", () => [...whole, ...whole.slice(0, 1)]],
    ["a manifest that is too large", () => [file("manifest.json", Buffer.alloc(30_000_000))]],
    ["a tile that is too large", () => [file("tile/0/000", Buffer.alloc(9_000))]],
    ["a tile of a name in another spelling", () => [...whole, file("tile/00/000", Buffer.alloc(32))]],
    ["nothing", () => []],
  ])("with %s is refused", async (_, entries) => {
    expect(await verify(await archived(entries()))).toMatchObject(refused());
    expect(await readdir("/tmp")).not.toContain(outside);
  });

  it("that breaks off is refused, wherever it does", async () => {
    const path = await archived(whole);
    const bytes = await readFile(path);
    for (let part = 0; part < 100; part += 1) {
      await writeFile(path, bytes.subarray(0, Math.floor((bytes.length * part) / 100)));
      expect(await verify(path)).toMatchObject(refused());
    }
  });

  it("that is none is refused", async () => {
    const path = files.path("none.tar.gz");
    await writeFile(path, "no archive at all");
    expect(await verify(path)).toMatchObject(refused());
  });

  it("that swells without measure is not unpacked to its end", async () => {
    const path = await archived([file("records.ndjson", Buffer.alloc(700 * 1024 * 1024, 0x20))]);
    expect(await verify(path)).toMatchObject(refused(expect.stringContaining("swells without measure")));
  });
});

describe("a directory", () => {
  const without = async (name: string) => {
    const copy = await writeTestExport(files.path(`copy-${Math.random()}`), { records: someRecords(300), signer });
    await copy.alter(name, () => undefined);
    return copy.directory;
  };

  it.each(["manifest.json", "checkpoint", "records.ndjson", "tile/entries/000"])(
    "does not follow a link at %s",
    async (name) => {
      const directory = await without(name);
      await symlink(join(written.directory, name), join(directory, name));
      expect(await verify(directory)).toMatchObject(refused());
    },
  );

  it.each([
    ["no JSON", "{"],
    ["another format", JSON.stringify({ format: "v2" })],
    ["places that make no sense", () => ({ from: 10, to: 5 })],
    ["more than the log has", () => ({ to: 301 })],
    ["evidence out of order", () => ({ to: 10, evidence: [20, 20] })],
    ["evidence before its stretch", () => ({ from: 10, evidence: [5] })],
    ["the size of another log", () => ({ size: 301 })],
    ["the name of another log", () => ({ origin: "elsewhere" })],
  ])("with a manifest of %s is refused", async (_, change) => {
    const directory = await without("manifest.json");
    const good = JSON.parse(await readFile(join(written.directory, "manifest.json"), "utf8"));
    const text = typeof change === "string" ? change : JSON.stringify({ ...good, ...change() });
    await writeFile(join(directory, "manifest.json"), text);
    expect(await verify(directory)).toMatchObject(refused());
  });

  it("in place of a file is no file", async () => {
    const directory = await without("checkpoint");
    await mkdir(join(directory, "checkpoint"));
    expect(await verify(directory)).toMatchObject(refused());
  });

  it("with a line without end is not read to its end", async () => {
    const directory = await without("records.ndjson");
    await writeFile(join(directory, "records.ndjson"), Buffer.alloc(40 * 1024 * 1024, 0x61));
    expect(await verify(directory)).toMatchObject(refused(expect.stringContaining("line without end")));
  });
});
