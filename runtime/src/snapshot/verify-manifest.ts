import type { KeyObject } from "node:crypto";
import { type SnapshotManifest, snapshotManifestType } from "@vivified/contracts";
import { compactVerify } from "jose";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { parseStrictJson } from "../json/parse-strict-json.ts";

const Manifest = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  made_at: Type.String(),
  parts: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { minItems: 1, maxItems: 10_000 }),
});

/** A manifest that core signed: one algorithm, one type, one key. @throws Error when it is anything else. */
export async function verifyManifest(jws: string, key: KeyObject): Promise<SnapshotManifest & { madeAt: Date }> {
  const { payload } = await compactVerify(jws, key, { algorithms: ["EdDSA", "Ed25519"], crit: {} }).then(typed);
  const manifest: unknown = parseStrictJson(new TextDecoder().decode(payload));
  if (!isManifest(manifest)) throw new TypeError("the snapshot manifest is malformed");
  const madeAt = new Date(manifest.made_at);
  if (Number.isNaN(madeAt.getTime())) throw new TypeError("the snapshot manifest has no date");
  return { ...manifest, madeAt };
}

function typed<T extends { protectedHeader: { typ?: string } }>(verified: T): T {
  if (verified.protectedHeader.typ !== snapshotManifestType) throw new TypeError("not a snapshot manifest");
  return verified;
}

function isManifest(value: unknown): value is Static<typeof Manifest> {
  return Check(Manifest, value);
}
