import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryLog, someEntries } from "../log.fixtures.ts";
import { tileHashes } from "../tiles/tile-hashes.ts";
import { consistencyProof } from "./consistency-proof.ts";
import { emptyRoot, leafHash } from "./hash.ts";
import { inclusionProof } from "./inclusion-proof.ts";
import { rootAt } from "./read-hashes.ts";
import { auditPath, subproof, treeHash } from "./rfc-6962.fixtures.ts";
import { rootOf } from "./root-of.ts";
import { verifyConsistency } from "./verify-consistency.ts";
import { verifyInclusion } from "./verify-inclusion.ts";

const entries = someEntries(700);
const bytes = entries.map((entry) => Buffer.from(entry));
const flipped = (hash: Uint8Array, bit: number) =>
  Buffer.from(hash).map((byte, at) => (at === (bit >> 3) % hash.length ? byte ^ (1 << (bit & 7)) : byte));
const logs = new Map<number, ReturnType<typeof memoryLog>>();
const logOf = (size: number) => logs.get(size) ?? logs.set(size, memoryLog(entries.slice(0, size))).get(size);
const readerOf = (size: number) => tileHashes(size, logOf(size)?.readTile ?? (() => Promise.reject()));
const rootsOf = (size: number) => logOf(size)?.root ?? emptyRoot();

/** A size, biased towards the edges of tiles. */
const sizes = fc.oneof(fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513), fc.integer({ min: 1, max: 700 }));
const withIndex = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));
const bits = fc.integer({ min: 0, max: 255 });

describe("the tree", () => {
  it("has the roots that RFC 6962's reference implementation publishes", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const leaves = inputs.map((input) => leafHash(Buffer.from(input, "hex")));
    const roots = leaves.map((_, at) => Buffer.from(rootOf(leaves.slice(0, at + 1))).toString("hex"));
    expect(roots).toEqual([
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]);
    expect(Buffer.from(rootOf([])).toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it.each([1, 2, 3, 255, 256, 257, 700])(
    "has the RFC's root at %i leaves, from leaves, edge and tiles",
    async (size) => {
      const expected = treeHash(bytes.slice(0, size));
      expect(rootOf(bytes.slice(0, size).map(leafHash))).toEqual(expected);
      expect(rootsOf(size)).toEqual(expected);
      expect(await rootAt(size, readerOf(size))).toEqual(expected);
    },
  );
});

describe("inclusion", () => {
  it("is proved with the RFC's path, which verifies", async () => {
    await fc.assert(
      fc.asyncProperty(withIndex, async ([size, index]) => {
        const proof = await inclusionProof({ index, size }, readerOf(size));
        expect(proof).toEqual(auditPath(index, bytes.slice(0, size)));
        const leaf = leafHash(entries[index] ?? "");
        expect(verifyInclusion({ index, size, leaf, root: rootsOf(size) }, proof)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("is refused when any bit of leaf, root or proof changes, or the place", async () => {
    await fc.assert(
      fc.asyncProperty(withIndex, bits, fc.nat(), async ([size, index], bit, which) => {
        const proof = await inclusionProof({ index, size }, readerOf(size));
        const claim = { index, size, leaf: leafHash(entries[index] ?? ""), root: rootsOf(size) };
        const at = which % (proof.length || 1);
        const changed = proof.map((hash, place) => (place === at ? flipped(hash, bit) : hash));
        if (proof.length > 0) expect(verifyInclusion(claim, changed)).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flipped(claim.leaf, bit) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, root: flipped(claim.root, bit) }, proof)).toBe(false);
        expect(verifyInclusion({ ...claim, index: index === 0 ? size - 1 : 0 }, proof)).toBe(size === 1);
        expect(verifyInclusion(claim, [...proof, claim.root])).toBe(false);
        if (proof.length > 0) expect(verifyInclusion(claim, proof.slice(1))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [-1, 5],
    [5, 5],
    [0, 0],
    [1.5, 3],
    [Number.NaN, 3],
  ])("has no leaf %d of %d", async (index, size) => {
    await expect(inclusionProof({ index, size }, readerOf(700))).rejects.toMatchObject({ code: "invalid" });
    expect(verifyInclusion({ index, size, leaf: emptyRoot(), root: emptyRoot() }, [])).toBe(false);
  });
});

describe("consistency", () => {
  const growth = fc
    .tuple(sizes, sizes)
    .map(([one, other]) => ({ from: Math.min(one, other), to: Math.max(one, other) }));

  it("is proved with the RFC's proof, which verifies", async () => {
    await fc.assert(
      fc.asyncProperty(growth, async ({ from, to }) => {
        const proof = await consistencyProof({ from, to }, readerOf(to));
        expect(proof).toEqual(subproof(from, bytes.slice(0, to)));
        expect(verifyConsistency({ from, to, fromRoot: rootsOf(from), toRoot: rootsOf(to) }, proof)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("is refused when any bit of roots or proof changes, or a size", async () => {
    await fc.assert(
      fc.asyncProperty(growth, bits, fc.nat(), async ({ from, to }, bit, which) => {
        const proof = await consistencyProof({ from, to }, readerOf(to));
        const claim = { from, to, fromRoot: rootsOf(from), toRoot: rootsOf(to) };
        const at = which % (proof.length || 1);
        const changed = proof.map((hash, place) => (place === at ? flipped(hash, bit) : hash));
        if (proof.length > 0) expect(verifyConsistency(claim, changed)).toBe(false);
        expect(verifyConsistency({ ...claim, fromRoot: flipped(claim.fromRoot, bit) }, proof)).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: flipped(claim.toRoot, bit) }, proof)).toBe(false);
        expect(verifyConsistency(claim, [...proof, claim.toRoot])).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(claim, proof.slice(0, -1))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("takes an empty log for the beginning of any, and no log for the beginning of a smaller one", async () => {
    expect(await consistencyProof({ from: 0, to: 9 }, readerOf(9))).toEqual([]);
    expect(verifyConsistency({ from: 0, to: 9, fromRoot: emptyRoot(), toRoot: rootsOf(9) }, [])).toBe(true);
    expect(verifyConsistency({ from: 9, to: 5, fromRoot: rootsOf(9), toRoot: rootsOf(5) }, [])).toBe(false);
    await expect(consistencyProof({ from: 9, to: 5 }, readerOf(5))).rejects.toMatchObject({ code: "invalid" });
  });
});
