import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Command, leftBehind } from "../src/index.ts";

describe("vivified demo", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-demo-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(["compiling policies", "letting four plugins join", "2. An admin creates a user"])(
    "stopped by Ctrl-C at `%s` takes everything with it, its secrets too",
    async (moment) => {
      const demo = new Command(["demo"], undefined, { TMPDIR: folder });
      await demo.says(moment);
      expect(await demo.end("SIGINT")).toBe(130);
      expect(demo.output).not.toContain("failed");
      expect(await readdir(folder)).toEqual([]);
      expect(await leftBehind(join(folder, "vivified-demo"))).toEqual([]);
    },
  );
});
