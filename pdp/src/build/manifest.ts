import { type Static, Type } from "typebox";
import { digestOf } from "./read-sources.ts";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const closed = { additionalProperties: false } as const;

/** `manifest.json` of a policy directory: what lies beside it, by digest. */
export const PolicyManifest = Type.Object(
  {
    version: Type.Literal(1),
    /** First 16 hex digits of the SHA-256 over the digests of the data and of every module. */
    revision: Type.String({ pattern: "^[0-9a-f]{16}$" }),
    /** Digest of the sources, their capabilities and the compiler: an unchanged source is not built again. */
    source: sha256,
    data: Type.Object({ sha256 }, closed),
    modules: Type.Record(
      Type.String({ pattern: "^[a-z]+$" }),
      Type.Object(
        {
          sha256,
          /** The questions it answers: `rpc/invoke` … `cacheable`: the rule depends on nothing but its input. */
          entrypoints: Type.Record(
            Type.String({ pattern: "^[a-z]+/[a-z]+$" }),
            Type.Object({ cacheable: Type.Boolean() }, closed),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type PolicyManifest = Static<typeof PolicyManifest>;

export const manifestFile = "manifest.json";
export const dataFile = "data.json";
export const moduleFile = (module: string): string => `${module}.wasm`;

/** The revision of a policy directory: it changes with any byte of what decides. */
export function revisionOf({ data, modules }: Pick<PolicyManifest, "data" | "modules">): string {
  const digests = Object.entries(modules).map(([name, module]) => `${name}=${module.sha256}`);
  return digestOf([data.sha256, ...digests.sort()]).slice(0, 16);
}
