import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryLog, someEntries } from "../log.fixtures.ts";
import { leafHash } from "../tree/hash.ts";
import { decodeBundle, encodeBundle, maxEntryBytes } from "./entry-bundle.ts";
import { tileHashes } from "./tile-hashes.ts";
import { bundlePath, parseTilePath, tilePath } from "./tile-path.ts";
import { newBundles, newTiles } from "./tiles-of.ts";
import { emptyEdge, extendTree, readEdge, rootOfEdge } from "./tree-edge.ts";

describe("paths", () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 0, index: 1234067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 2, index: 1000, width: 1 }, "tile/2/x001/000.p/1"],
    [{ level: 63, index: 999, width: 255 }, "tile/63/999.p/255"],
  ])("writes and reads %o as %s", (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it("names bundles like tiles of level 0", () => {
    expect(bundlePath({ index: 1001, width: 7 })).toBe("tile/entries/x001/001.p/7");
    expect(parseTilePath("tile/entries/x001/001.p/7")).toEqual({ level: "entries", index: 1001, width: 7 });
  });

  it.each([
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/0",
    "tile/0/x000/001",
    "tile/0/000/001",
    "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/1/",
    "tile/0/../../etc/passwd",
    "tile/data/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "checkpoint",
  ])("refuses %s", (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

describe("tiles of a size", () => {
  it("are those of the specification's example: a tree of 70,000", () => {
    const tiles = newTiles(0, 70_000);
    const count = (level: number, isFull: boolean) =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === isFull).map(({ width }) => width);
    expect(count(0, true)).toHaveLength(273);
    expect([count(0, false), count(1, true).length, count(1, false), count(2, false)]).toEqual([[112], 1, [17], [1]]);
    expect(newTiles(0, 256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect(newBundles(255, 257)).toEqual([
      { index: 0, width: 256 },
      { index: 1, width: 1 },
    ]);
    expect(newTiles(300, 300)).toEqual([]);
  });
});

describe("growing", () => {
  it("gives the same tiles and root in any steps, and writes just the new ones", async () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(steps, async (growth) => {
        const entries = someEntries(growth.reduce((sum, one) => sum + one, 0));
        const files = new Map<string, Uint8Array>();
        let edge = emptyEdge;
        for (const by of growth) {
          const grown = extendTree(edge, entries.slice(edge.size, edge.size + by).map(leafHash));
          const named = grown.tiles.map(({ tile }) => tilePath(tile));
          expect(named.toSorted()).toEqual(newTiles(edge.size, grown.edge.size).map(tilePath).toSorted());
          for (const { tile, hashes } of grown.tiles) files.set(tilePath(tile), Buffer.concat(hashes));
          edge = await readEdge(grown.edge.size, async (tile) => files.get(tilePath(tile)) ?? Buffer.alloc(0));
          expect(rootOfEdge(edge)).toEqual(rootOfEdge(grown.edge));
        }
        const whole = memoryLog(entries);
        expect(rootOfEdge(edge)).toEqual(whole.root);
        for (const path of newTiles(0, entries.length).map(tilePath))
          expect(files.get(path)).toEqual(whole.files.get(path));
      }),
      { numRuns: 25 },
    );
  });

  it("crosses into the third level of tiles", async () => {
    const log = memoryLog(someEntries(65_537));
    expect([...log.files.keys()].filter((path) => path.startsWith("tile/2/"))).toEqual(["tile/2/000.p/1"]);
    const edge = await readEdge(65_537, log.readTile);
    expect(edge.levels.map(({ length }) => length)).toEqual([1, 0, 1]);
    expect(rootOfEdge(edge)).toEqual(log.root);
  });
});

describe("reading tiles", () => {
  it("refuses a tile of another length, and a subtree that the tree has not", async () => {
    const log = memoryLog(someEntries(300));
    const short = tileHashes(300, async (tile) => (await log.readTile(tile)).subarray(1));
    await expect(short([{ level: 0, index: 3 }])).rejects.toMatchObject({ code: "malformed" });
    const read = tileHashes(300, log.readTile);
    await expect(read([{ level: 0, index: 300 }])).rejects.toMatchObject({ code: "invalid" });
    await expect(read([{ level: 6, index: 4 }])).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("entry bundles", () => {
  it("come back as they went in", () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 8 });
    fc.assert(
      fc.property(entries, (some) => {
        expect(decodeBundle(encodeBundle(some)).map((one) => [...one])).toEqual(some.map((one) => [...one]));
      }),
    );
    expect(Buffer.from(encodeBundle([Buffer.from("ab"), Buffer.alloc(0)]))).toEqual(Buffer.from("000261620000", "hex"));
  });

  it("refuse an entry that is too long, and bytes that end early", () => {
    expect(encodeBundle([Buffer.alloc(maxEntryBytes)])).toHaveLength(maxEntryBytes + 2);
    expect(() => encodeBundle([Buffer.alloc(maxEntryBytes + 1)])).toThrow("too_large");
    for (const hex of ["00", "0001", "00026162ff"]) {
      expect(() => decodeBundle(Buffer.from(hex, "hex"))).toThrow("ends within an entry");
    }
  });
});
