import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepBounded } from "./bounded-log.ts";

describe("a bounded log", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-log-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("keeps what was said up to its limit, says that it is full, and goes on reading", async () => {
    const file = join(folder, "loud.log");
    const output = new PassThrough();
    keepBounded(output, file, 10);
    for (const text of ["12345", "67890", "abc", "x".repeat(1_000_000)]) output.write(text);
    output.end();
    await expect.poll(() => readFile(file, "utf8")).toBe("1234567890\nthe log is full; the rest is not kept\n");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect.poll(() => output.readableLength).toBe(0);
  });

  it("goes on where an earlier life ended", async () => {
    const file = join(folder, "again.log");
    for (const text of ["one\n", "two\n"]) {
      const output = new PassThrough();
      keepBounded(output, file);
      output.end(text);
      await expect.poll(() => readFile(file, "utf8").catch(() => "")).toContain(text);
    }
    expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
  });
});
