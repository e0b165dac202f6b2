import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { type SnapshotManifest, snapshotManifestType } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { CompactSign, compactVerify } from "jose";

/** Signs snapshot manifests (compact JWS, EdDSA) and recognises its own. */
export class ManifestSigner {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(keyPem: string) {
    this.#privateKey = createPrivateKey(keyPem);
    if (this.#privateKey.asymmetricKeyType !== "ed25519") {
      throw new VivifiedError("invalid_config", { detail: "the snapshot key is not an Ed25519 key" });
    }
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  sign(manifest: SnapshotManifest): Promise<string> {
    const header = { alg: "EdDSA", typ: snapshotManifestType };
    return new CompactSign(Buffer.from(JSON.stringify(manifest))).setProtectedHeader(header).sign(this.#privateKey);
  }

  /** The manifest in a JWS of this key, or undefined for any other text. */
  async read(jws: string): Promise<SnapshotManifest | undefined> {
    try {
      const { payload, protectedHeader } = await compactVerify(jws, this.#publicKey, { algorithms: ["EdDSA"] });
      if (protectedHeader.typ !== snapshotManifestType) return undefined;
      return JSON.parse(Buffer.from(payload).toString()) as SnapshotManifest;
    } catch {
      return undefined;
    }
  }
}
