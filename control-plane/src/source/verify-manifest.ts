import type { KeyObject } from "node:crypto";
import { type SnapshotManifest, snapshotManifestType } from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import { compactVerify } from "jose";
import { Type } from "typebox";
import { Check } from "typebox/value";

const Manifest = Type.Object({
  revision: Type.Integer({ minimum: 0 }),
  made_at: Type.String(),
  parts: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { minItems: 1, maxItems: 10_000 }),
});

/** A manifest that core's key signed as one. @throws Error for anything else */
export async function verifyManifest(jws: string, key: KeyObject): Promise<SnapshotManifest> {
  const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ["EdDSA", "Ed25519"] });
  if (protectedHeader.typ !== snapshotManifestType) throw new TypeError("not a snapshot manifest");
  const manifest: unknown = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  if (!Check(Manifest, manifest)) throw new TypeError("the snapshot manifest is malformed");
  return manifest;
}
