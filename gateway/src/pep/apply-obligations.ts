import {
  type Decision,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  obligationActions,
  type PlatformRule,
  platformRules,
} from "@vivified/contracts";
import { changeField, removed, UnchangeableField } from "./change-field.ts";
import type { FieldKeys } from "./field-keys.ts";
import { type ObligationTree, treeOf, UnreadableObligation } from "./obligation-tree.ts";

export type Applied = { readonly decision: Decision; readonly payload: JsonObject };

/**
 * The payload as the decision leaves it; the given one is not changed. An obligation that is unknown, cannot be read or
 * does not fit the value that it names turns the decision into a denial; one that names nothing is fine.
 */
export function applyObligations(decision: Decision, payload: JsonObject, keys: FieldKeys): Applied {
  if (decision.effect === "deny") return { decision, payload: {} };
  const unknown = decision.obligations.find(({ action }) => !obligationActions.includes(action));
  if (unknown !== undefined) return denied(decision, "pep.unknown_obligation", unknown.path);
  try {
    const changed = apply(payload, treeOf(decision.obligations), { keys, path: "" });
    if (changed === removed || !isJsonObject(changed)) return denied(decision, "pep.obligation_failed", "");
    return { decision, payload: changed };
  } catch (error) {
    if (error instanceof UnchangeableField || error instanceof UnreadableObligation) {
      return denied(decision, "pep.obligation_failed", error.path);
    }
    throw error;
  }
}

type At = { readonly keys: FieldKeys; readonly path: string };

function apply(value: JsonValue, tree: ObligationTree, at: At): JsonValue | typeof removed {
  const { action } = tree;
  if (action !== undefined && action !== "keep") return changeField(value, action, at);
  if (tree.children.size === 0) return value;
  if (Array.isArray(value)) return applyToItems(value, tree, at);
  return isJsonObject(value) ? applyToMembers(value, tree, at) : value;
}

function applyToMembers(value: JsonObject, tree: ObligationTree, at: At): JsonObject {
  const members = Object.entries(value).map(([name, member]) => {
    const child = name === "*" ? undefined : tree.children.get(name);
    return [name, child ? apply(member, child, { ...at, path: `${at.path}/${name}` }) : member] as const;
  });
  return Object.fromEntries(members.filter(isKept));
}

function applyToItems(value: readonly JsonValue[], tree: ObligationTree, at: At): JsonValue[] {
  const all = tree.children.get("*");
  const items = value.map((item, index) => {
    const one = tree.children.get(String(index));
    const path = `${at.path}/*`;
    const changed = all ? apply(item, all, { ...at, path }) : item;
    return one === undefined || changed === removed ? changed : apply(changed, one, { ...at, path });
  });
  return items.filter((item) => item !== removed);
}

function isKept(member: readonly [string, JsonValue | typeof removed]): member is readonly [string, JsonValue] {
  return member[1] !== removed;
}

function denied(decision: Decision, rule: PlatformRule, path: string): Applied {
  const fix = `change the rule that asks for it at ${path === "" ? "the whole payload" : path}`;
  const reasons = [{ rule, message: platformRules[rule], fix }];
  return { decision: { ...decision, effect: "deny", reasons, obligations: [] }, payload: {} };
}
