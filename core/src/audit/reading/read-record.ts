import type { DecisionRecord } from "@vivified/contracts";
import type { Requester } from "../../policy/index.ts";
import { changeRecord } from "../change-record.ts";

/** Somebody read the decision log: who, what they asked for, and how much they were given. */
export type Reading = {
  readonly by: Requester;
  readonly action: "search decisions" | "count decisions" | "list records" | "tail decisions";
  readonly filter: object;
};

const rules = {
  read: { rule: "audit.read", message: "The decision log was read" },
  again: { rule: "audit.read_again", message: "The decision log was read again with the same filter" },
  opened: { rule: "audit.tail_opened", message: "Somebody began to follow the decision log" },
  closed: { rule: "audit.tail_closed", message: "Somebody stopped following the decision log" },
} as const;

const longestLabel = 200;

/** @param told what else the record says: how many decisions, how many times */
export function readRecord(
  kind: keyof typeof rules,
  { by, action, filter }: Reading,
  told: Readonly<Record<string, number>> = {},
): DecisionRecord {
  const { caller, trace, parentId } = by;
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined);
  return changeRecord({
    ...{ caller, trace, action },
    ...(parentId !== undefined && { parentId }),
    resource: "audit trail",
    reason: { ...rules[kind], fix: "" },
    labels: Object.fromEntries(
      [...asked, ...Object.entries(told)].map(([name, value]) => [name, String(value).slice(0, longestLabel)]),
    ),
  });
}
