import { type Static, Type } from "typebox";

/** Two while a key is changed; more than a few are not one process's. */
const mostKeysOfOne = 4;

/**
 * Whose word counts: public keys (Ed25519; SPKI, PEM) by process. `core`, `control-plane`, and each gateway by its writer
 * id. A process may have several, for as long as its key is being changed.
 */
export const ProcessKeysFile = Type.Record(
  Type.String({ pattern: "^[a-z0-9-]{1,64}$" }),
  Type.Array(Type.String(), { minItems: 1, maxItems: mostKeysOfOne }),
  { minProperties: 1, additionalProperties: false },
);
export type ProcessKeysFile = Static<typeof ProcessKeysFile>;
