import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { memoryLog, someEntries } from "../log.fixtures.ts";
import { tileHashes } from "../tiles/tile-hashes.ts";
import { leafHash } from "../tree/hash.ts";
import { inclusionProof } from "../tree/inclusion-proof.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { cosign, signNote } from "./sign-note.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { signatureTypes, verifierKeyOf } from "./verifier-key.ts";
import { cosignaturesIn, formatAddCheckpoint, parseAddCheckpoint } from "./witness-exchange.ts";

const signer = { name: "example.org/audit", key: generateKeyPairSync("ed25519").privateKey };
const witness = { name: "witness.example/w1", key: generateKeyPairSync("ed25519").privateKey };
const keys = { log: verifierKeyOf(signer.name, signatureTypes.note, signer.key) };
const witnessKey = verifierKeyOf(witness.name, signatureTypes.cosignature, witness.key);
const entries = someEntries(300);
const log = memoryLog(entries);
const text = formatCheckpoint({ origin: signer.name, size: log.size, root: log.root, extensions: [] });
const checkpoint = signNote(text, signer);
const index = 270;
const leaf = leafHash(entries[index] ?? "");
let paper = "";

beforeAll(async () => {
  const proof = await inclusionProof({ index, size: log.size }, tileHashes(log.size, log.readTile));
  paper = formatTlogProof({ index, proof, checkpoint });
});

describe("a .tlog-proof", () => {
  it("is what the specification shows, and verifies", () => {
    expect(paper).toMatch(
      /^c2sp\.org\/tlog-proof@v1\nindex 270\n(?:[A-Za-z0-9+/]{43}=\n){7}\nexample\.org\/audit\n300\n/,
    );
    expect(verifyTlogProof(paper, leaf, keys)).toMatchObject({ index, checkpoint: { size: 300 } });
  });

  it("carries extra bytes that nobody vouches for", () => {
    const parsed = parseTlogProof(paper);
    const extra = Buffer.from("anything");
    const extended = formatTlogProof({ index, proof: parsed?.proof ?? [], checkpoint, extra });
    expect(extended.split("\n")[1]).toBe("extra YW55dGhpbmc=");
    expect(parseTlogProof(extended)?.extra).toEqual(extra);
    expect(verifyTlogProof(extended, leaf, keys)).toMatchObject({ index });
  });

  it("is refused when any bit changes", () => {
    const bytes = Buffer.from(paper);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyTlogProof(changed.toString("utf8"), leaf, keys).fault).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it("says what is wrong", () => {
    expect(verifyTlogProof(paper, leafHash("another"), keys)).toMatchObject({ fault: "not_included" });
    expect(verifyTlogProof(paper.replace("index 270", "index 271"), leaf, keys)).toMatchObject({
      fault: "not_included",
    });
    expect(verifyTlogProof(paper.replace("index 270", "index 0270"), leaf, keys)).toMatchObject({ fault: "malformed" });
    expect(verifyTlogProof(paper.replace("@v1", "@v2"), leaf, keys)).toMatchObject({ fault: "malformed" });
    expect(verifyTlogProof("", leaf, keys)).toMatchObject({ fault: "malformed" });
    expect(verifyTlogProof(paper.replace("\n300\n", "\n301\n"), leaf, keys)).toMatchObject({ fault: "bad_signature" });
  });
});

describe("the exchange with a witness", () => {
  it("comes back as it went out", () => {
    const request = { oldSize: 5, proof: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)], checkpoint };
    const body = formatAddCheckpoint(request);
    expect(body.startsWith(`old 5\n${Buffer.alloc(32, 1).toString("base64")}\n`)).toBe(true);
    expect(parseAddCheckpoint(body)).toEqual(request);
    expect(parseAddCheckpoint(formatAddCheckpoint({ ...request, proof: [] }))).toEqual({ ...request, proof: [] });
  });

  it.each(["", "old 05\n\n", "old x\n\n", "new 5\n\n", "old 5\n", `old 5\nAAAA\n\n${checkpoint}`])(
    "refuses the request %j",
    (body) => {
      expect(parseAddCheckpoint(body)).toBeUndefined();
    },
  );

  it("refuses more than 63 hashes", () => {
    const proof = Array.from({ length: 64 }, () => Buffer.alloc(32));
    expect(parseAddCheckpoint(formatAddCheckpoint({ oldSize: 1, proof, checkpoint }))).toBeUndefined();
  });

  it("takes the witness's own right signature out of its answer, and nothing else", () => {
    const own = cosign(text, 1_700_000_000, witness);
    const foreign = cosign(text, 1_700_000_000, { name: "stranger", key: witness.key });
    expect(cosignaturesIn(foreign + own, text, witnessKey)).toBe(own);
    expect(cosignaturesIn(foreign, text, witnessKey)).toBeUndefined();
    expect(cosignaturesIn(own, `${text}more\n`, witnessKey)).toBeUndefined();
    expect(cosignaturesIn(own.slice(0, -1), text, witnessKey)).toBeUndefined();
    expect(cosignaturesIn(`${own}<html>\n`, text, witnessKey)).toBeUndefined();
  });
});
