import type { JsonObject, PolicyRuleMode, RelaxedRule } from "@vivified/contracts";
import type { AnyEntrypoint } from "../entrypoints.ts";

/** A rule as its annotations tell it. */
export type PolicyRule = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly severity: string;
  readonly fix: string;
  /** `vivified.rpc.invoke`, `custom.rpc.invoke` … */
  readonly package: string;
  readonly effect: "deny" | "allow" | "oblige";
  /** One of the platform's own, as opposed to a customer's. */
  readonly floor: boolean;
  readonly mode: PolicyRuleMode;
};

/** A policy bundle that was read and checked: everything that decides, and what it was made from. */
export type PolicyBundle = {
  readonly revision: string;
  /** Hex SHA-256 of the archive. */
  readonly sha256: string;
  /** Counts up with every published version; 0 when its maker does not count. */
  readonly serial: number;
  /** Digest of sources, capabilities and compiler; absent for a bundle that we did not build. */
  readonly source?: string;
  /** Who signed it; absent when that was not checked. */
  readonly keyId?: string;
  /** Wasm, by the path in the bundle. */
  readonly modules: ReadonlyMap<string, Buffer>;
  readonly entrypoints: ReadonlyMap<AnyEntrypoint, BundleEntrypoint>;
  readonly data: JsonObject;
  readonly dataBytes: number;
  /** Rego by path, for the interpreter. */
  readonly sources: ReadonlyMap<string, string>;
  readonly rules: readonly PolicyRule[];
  /** Floor rules that it does not enforce. */
  readonly relaxed: readonly RelaxedRule[];
};

/** Which module answers a question, and whether its rule depends on nothing but its input. */
export type BundleEntrypoint = { readonly module: string; readonly cacheable: boolean };
