const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text of others as a terminal may have it: what would move the cursor or turn the writing is spelled out, as `\u001b`. */
export function harmlessText(text: string): string {
  return text.toWellFormed().replaceAll(unseen, spelled);
}

/** The same of every string in a value. */
export function harmless<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "string" ? harmlessText(part) : part));
}

/** JSON that says the same, and may go to a terminal; on one line unless it is indented. */
export function harmlessJson(value: unknown, indent = 0): string {
  const lines = JSON.stringify(value, undefined, indent).split("\n");
  return lines.map((line) => line.replaceAll(unseen, spelled)).join("\n");
}

function spelled(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return units.map((unit) => `\\u${unit}`).join("");
}
