import { createHash } from "node:crypto";
import type { HostBuiltin, HostBuiltins } from "./host-builtin.ts";
import { compareVersions, isVersion } from "./semantic-version.ts";

/** A builtin on strings; whatever is none has no answer, as with OPA. */
const onTexts =
  (answer: (...texts: string[]) => unknown): HostBuiltin =>
  (...json) => {
    const given: unknown[] = json.map((text) => JSON.parse(text));
    return given.every(isText) ? written(answer(...given)) : undefined;
  };

/** One text, or several in an array or a set: `strings.any_prefix_match(search, base)`. */
const anyMatch =
  (matches: (text: string, part: string) => boolean): HostBuiltin =>
  (search, base) => {
    const [texts, parts] = [textsIn(search), textsIn(base)];
    if (texts === undefined || parts === undefined) return undefined;
    return written(texts.some((text) => parts.some((part) => matches(text, part))));
  };

function textsIn(json: string | undefined): readonly string[] | undefined {
  const value: unknown = JSON.parse(json ?? "null");
  if (isText(value)) return [value];
  return Array.isArray(value) && value.every(isText) ? value : undefined;
}

const isText = (value: unknown): value is string => typeof value === "string";

const written = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));

/** How often a text is in another, without overlaps; nothing is in it once more than it has characters. */
const occurrences = (text: string, part: string): number =>
  part === "" ? [...text].length + 1 : text.split(part).length - 1;

/** What rules may call beside what Wasm has: the same answers as OPA's interpreter gives, held by a differential test. */
export const hostBuiltins: HostBuiltins = new Map<string, HostBuiltin>([
  ["crypto.sha256", onTexts((text) => createHash("sha256").update(text).digest("hex"))],
  ["hex.encode", onTexts((text) => Buffer.from(text).toString("hex"))],
  ["semver.is_valid", (json) => written(isVersion(JSON.parse(json ?? "null")))],
  ["semver.compare", onTexts((one = "", other = "") => compareVersions(one, other))],
  ["strings.any_prefix_match", anyMatch((text, prefix) => text.startsWith(prefix))],
  ["strings.any_suffix_match", anyMatch((text, suffix) => text.endsWith(suffix))],
  ["strings.count", onTexts((text = "", part = "") => occurrences(text, part))],
]);
