export { type BuildOptions, buildPolicies } from "./build/build-policies.ts";
export type { PolicyManifest } from "./build/manifest.ts";
export type { PolicyFailure } from "./engine/judge.ts";
export { openPdp, type Pdp, type PdpOptions } from "./engine/open-pdp.ts";
export { type AnyEntrypoint, allEntrypoints, decisionPath } from "./entrypoints.ts";
export { type DescribeOptions, describePayload, type PayloadDescription } from "./payload/describe-payload.ts";
export { type FieldDictionary, parseDictionary } from "./payload/dictionary.ts";
