import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { bundleRefused } from "./bundle-refused.ts";

export const manifestFile = ".manifest";
export const dataFile = "data.json";

const text = Type.String({ maxLength: 2000 });

/** A rule in the manifest; its mode is data. */
const Rule = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200 }),
  title: text,
  description: text,
  severity: text,
  fix: text,
  package: text,
  effect: Type.Enum(["deny", "allow", "oblige"]),
});
export type ManifestRule = Static<typeof Rule>;

/** `.manifest` of an OPA bundle, as far as we read it, with what is ours below `metadata.vivified`. */
export const BundleManifest = Type.Object({
  revision: Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9._:+-]+$" }),
  roots: Type.Optional(Type.Array(Type.String())),
  wasm: Type.Array(
    Type.Object({
      entrypoint: Type.String(),
      module: Type.String(),
      annotations: Type.Optional(
        Type.Array(Type.Object({ custom: Type.Optional(Type.Object({ cacheable: Type.Optional(Type.Boolean()) })) })),
      ),
    }),
    { minItems: 1, maxItems: 100 },
  ),
  metadata: Type.Optional(
    Type.Object({
      vivified: Type.Optional(
        Type.Object({
          serial: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
          source: Type.String({ pattern: "^[0-9a-f]{64}$" }),
          rules: Type.Array(Rule, { maxItems: 20_000 }),
        }),
      ),
    }),
  ),
});
export type BundleManifest = Static<typeof BundleManifest>;

/** @throws VivifiedError `policy_bundle_refused` `malformed` */
export function parseManifest(value: unknown): BundleManifest {
  if (Value.Check(BundleManifest, value)) return value;
  const [first] = Value.Errors(BundleManifest, value);
  throw bundleRefused("malformed", `${manifestFile}${first ? `${first.instancePath} ${first.message}` : ""}`);
}
