import type { CoreEntrypoint, Decision, Entrypoint, JsonObject, PolicyInputs } from "@vivified/contracts";
import type { FieldDictionary } from "../payload/dictionary.ts";

export type AnyEntrypoint = Entrypoint | CoreEntrypoint;

export type PdpOptions = {
  /** What `buildPolicies` made. */
  readonly directory: string;
};

/** The one door to policy. */
export type Pdp = AsyncDisposable & {
  /** Never rejects: whatever goes wrong is a denial with a rule of `platformRules`. */
  readonly decide: <E extends AnyEntrypoint>(entrypoint: E, input: PolicyInputs[E]) => Promise<Decision>;
  readonly revision: string;
  /** `data.json` as it was built. */
  readonly data: JsonObject;
  /** Its `dictionary`, ready for `describePayload`. */
  readonly dictionary: FieldDictionary;
};

export async function openPdp(_options: PdpOptions): Promise<Pdp> {
  throw new Error("not written yet");
}
