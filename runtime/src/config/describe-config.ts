import type { TObject } from "typebox";
import { isSecret } from "./fields.ts";
import { environmentName } from "./load-config.ts";

/** What a process was told, by the names of its settings without their prefix; in words that may stand in a log. */
export type ToldConfig = { readonly [name: string]: string };

/**
 * Says what a configuration holds without what must stay in the process: of a secret only that there is one, of a URL
 * only scheme, host and port, since paths and queries may be secret as well. Settings without a value are left out.
 */
export function describeConfig(schema: TObject, config: object): ToldConfig {
  const values = new Map<string, unknown>(Object.entries(config));
  const told = Object.entries(schema.properties).map(([key, field]) => {
    const value = values.get(key);
    const words = value === undefined ? undefined : isSecret(field) ? "[secret]" : wordsOf(value);
    return [environmentName("", key), words] as const;
  });
  return Object.fromEntries(told.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function wordsOf(value: unknown): string {
  return Array.isArray(value) ? value.map(wordsOf).join(",") : String(value).split(" ").map(withoutPath).join(" ");
}

/** A text that only looks like a URL says nothing but that. */
function withoutPath(word: string): string {
  if (!word.includes("://")) return word;
  const url = URL.parse(word);
  return url === null ? "[no URL]" : `${url.protocol}//${url.host}`;
}
