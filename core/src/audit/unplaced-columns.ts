import type { AuditRecord } from "@vivified/contracts";
import { isDecision } from "./parse-block.ts";
import { storableText } from "./storable-text.ts";

/** What a record that has no row of its own is found by. */
export type UnplacedColumns = {
  /** The decision's id, where this record is what made it somebody's. */
  readonly decision_id: string | null;
  /** The id of the key that something kept is sealed with. */
  readonly kept_key: string | null;
};

/** As keys are named (`SubjectKeyEntry`); nothing else is one. */
const keyId = /^[0-9a-f-]{36}$/;

/** @param claims Whether the id is its writer's from here on. */
export function unplacedColumns(record: AuditRecord, claims: boolean): UnplacedColumns {
  const key = isDecision(record) ? (record.kept?.key ?? "") : "";
  return {
    decision_id: claims ? storableText(record.decision_id) : null,
    kept_key: keyId.test(key) ? key : null,
  };
}
