import { type Static, Type } from "typebox";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const closed = { additionalProperties: false } as const;

const Module = Type.Object(
  {
    sha256,
    /** The questions it answers: `rpc/invoke` … */
    entrypoints: Type.Array(Type.String({ pattern: "^[a-z]+/[a-z]+$" }), { minItems: 1 }),
  },
  closed,
);

/** `manifest.json` of a policy directory: what lies beside it, by digest. */
export const PolicyManifest = Type.Object(
  {
    version: Type.Literal(1),
    /** First 16 hex digits of the SHA-256 over the digests of the data and of every module. */
    revision: Type.String({ pattern: "^[0-9a-f]{16}$" }),
    /** Digest of the sources, the compiler and its capabilities, so that an unchanged source is not built again. */
    source: sha256,
    data: Type.Object({ sha256 }, closed),
    modules: Type.Record(Type.String(), Module),
  },
  closed,
);
export type PolicyManifest = Static<typeof PolicyManifest>;
