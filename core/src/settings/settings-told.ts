import { canonicalJson, type JsonObject } from "@vivified/contracts";
import { type KeyedDigest, toldWhole } from "../audit/index.ts";

export type SettingsChange = {
  readonly pluginId: string;
  readonly before: JsonObject | undefined;
  readonly after: JsonObject;
};

/**
 * Labels of a change of settings, whose values may be secrets: the names of the settings that are other than before, and
 * a keyed digest of all of them before and after.
 */
export function settingsTold({ pluginId, before = {}, after }: SettingsChange, digest: KeyedDigest) {
  const of = (settings: JsonObject) => digest.of(`settings of ${pluginId}`, canonicalJson(settings));
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => textOf(before[name]) !== textOf(after[name]));
  return { ...toldWhole("changed", changed), before: of(before), after: of(after), digest_key: digest.key };
}

const textOf = (value: JsonObject[string] | undefined) => (value === undefined ? "" : canonicalJson(value));
