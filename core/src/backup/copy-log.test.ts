import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copyLog } from "./copy-log.ts";

it("has every full tile, however partial ones go meanwhile, and neither checkpoint nor drafts", async () => {
  const root = await mkdtemp(join(tmpdir(), "vivified-copy-"));
  const [from, to] = [join(root, "from"), join(root, "to")];
  const tile = (n: number) => join(from, "tile", "0", String(n).padStart(3, "0"));
  for (let n = 0; n < 50; n += 1) {
    await mkdir(`${tile(n)}.p`, { recursive: true });
    for (let width = 1; width < 9; width += 1) await writeFile(join(`${tile(n)}.p`, String(width)), "partial");
  }
  await writeFile(join(from, "checkpoint"), "newer than the rows");
  await writeFile(join(from, "tile", "0", "x.draft"), "half");
  const copying = copyLog(from, to);
  for (let n = 0; n < 50; n += 1) {
    await writeFile(`${tile(n)}.draft`, "full");
    await rename(`${tile(n)}.draft`, tile(n));
    await rm(`${tile(n)}.p`, { recursive: true });
  }
  await copying;
  const copied = await readdir(to, { recursive: true });
  expect(copied.filter((path) => /checkpoint|draft/.test(path))).toEqual([]);
  const tiles = await readdir(join(to, "tile", "0"));
  for (let n = 0; n < 50; n += 1) {
    const name = String(n).padStart(3, "0");
    expect(tiles).toContain(tiles.includes(name) ? name : `${name}.p`);
    if (!tiles.includes(name)) expect((await readdir(join(to, "tile", "0", `${name}.p`))).length).toBe(8);
    else expect(await readFile(join(to, "tile", "0", name), "utf8")).toBe("full");
  }
  await rm(root, { recursive: true });
});
