import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Secret } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diskStorage } from "./log-storage.disk.ts";
import { s3Storage } from "./log-storage.s3.ts";
import { startS3, type TestS3 } from "./s3-server.fixtures.ts";
import { holdsStorageContract } from "./storage.contract.fixtures.ts";

describe("the log on a disk", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "vivified-log-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  holdsStorageContract(() => diskStorage(join(directory, "log")));

  it("leaves no drafts behind, also where a put was refused", async () => {
    const storage = diskStorage(join(directory, "tidy"));
    await storage.putOnce("tile/0/000", Buffer.from("one"));
    await storage.putOnce("tile/0/000", Buffer.from("two")).catch(() => undefined);
    await storage.replace("checkpoint", Buffer.from("1"));
    const files = await readdir(join(directory, "tidy"), { recursive: true });
    expect(files.toSorted()).toEqual(["checkpoint", "tile", "tile/0", "tile/0/000"]);
  });

  it("is the directory where a process runs, too", async () => {
    const disk = join(import.meta.dirname, "log-storage.disk.ts");
    const text = `import { diskStorage } from ${JSON.stringify(disk)};
      await diskStorage(".").putOnce("tile/0/000", Buffer.from("x"));`;
    const node = ["--input-type=module", "-e", text];
    await promisify(execFile)(process.execPath, node, { cwd: directory, timeout: 10_000 });
    expect(await diskStorage(directory).read("tile/0/000")).toEqual(Buffer.from("x"));
  });

  it("tells a place that cannot be written", async () => {
    await writeFile(join(directory, "file"), "");
    const storage = diskStorage(join(directory, "file"));
    await expect(storage.putOnce("tile/0/000", Buffer.from("x"))).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(storage.replace("checkpoint", Buffer.from("x"))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});

describe("the log on S3", () => {
  let server: TestS3;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  holdsStorageContract(() => s3Storage(server.settings));

  it("tells a refusal, and a bucket that is not there", async () => {
    const stranger = s3Storage({ ...server.settings, secretAccessKey: new Secret("wrong") });
    await expect(stranger.putOnce("tile/0/000", Buffer.from("x"))).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(stranger.read("tile/0/000")).rejects.toMatchObject({ code: "upstream_failed" });
    const lost = s3Storage({ ...server.settings, url: server.settings.url.replace("/audit/", "/nowhere/") });
    await expect(lost.replace("checkpoint", Buffer.from("x"))).rejects.toMatchObject({ code: "upstream_failed" });
  });
});
