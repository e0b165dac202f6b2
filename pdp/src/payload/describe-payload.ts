import type { Attributes, Field, JsonObject, JsonValue } from "@vivified/contracts";
import type { FieldDictionary } from "./dictionary.ts";

export type DescribeOptions = {
  /** JSON Schema of the payload: `x-vivified-traits` labels fields, `x-vivified-attribute` exposes values. */
  readonly schema?: JsonObject | undefined;
  /** `pdp.dictionary` */
  readonly dictionary: FieldDictionary;
};

/** What policy and the record see of a payload. */
export type PayloadDescription = { readonly fields: readonly Field[]; readonly attributes: Attributes };

export function describePayload(_payload: JsonValue, _options: DescribeOptions): PayloadDescription {
  throw new Error("not written yet");
}
