import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProcessKey, parseProcessKeys } from "@vivified/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processKeyFiles } from "./secrets.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-secrets-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => processKeyFiles(directory, ["core", "gateway-1"]);
const known = async ({ keysFile }: { keysFile: string }) => parseProcessKeys(await readFile(keysFile, "utf8"));

describe("process keys of a home", () => {
  it("are made once, and each process has its own", async () => {
    const before = await known(await open());
    const files = await open();
    const after = await known(files);
    expect([...after.keys()]).toEqual(["core", "gateway-1"]);
    for (const [name, keys] of after) {
      expect(keys).toHaveLength(1);
      expect(keys[0]?.equals(before.get(name)?.[0] ?? keys[0])).toBe(true);
      await openProcessKey({ name, processKeyFile: files.of(name), processKeysFile: files.keysFile });
    }
  });

  it("can be changed as often as one likes: the one before still counts, and no older one", async () => {
    const first = (await known(await open())).get("gateway-1")?.[0];
    for (let change = 0; change < 6; change++) {
      const files = await open();
      await rm(files.of("gateway-1"));
      const changed = await open();
      await openProcessKey({
        name: "gateway-1",
        processKeyFile: changed.of("gateway-1"),
        processKeysFile: changed.keysFile,
      });
      expect((await known(changed)).get("gateway-1")).toHaveLength(2);
    }
    const last = (await known(await open())).get("gateway-1") ?? [];
    expect(last.some((key) => first !== undefined && key.equals(first))).toBe(false);
  });

  it("name their file when it is broken", async () => {
    const { keysFile } = await open();
    await writeFile(keysFile, '{"core": ["-----BEG');
    await expect(open()).rejects.toThrow("process-keys.json");
  });
});
