/** One fault: where it is (JSON Pointer into the manifest), what is wrong, and what to do about it. */
export type ManifestViolation = { readonly pointer: string; readonly message: string; readonly fix: string };

/** The annotation that carries a field's advice in the manifest's JSON Schema. */
export const fixKeyword = "x-vivified-fix";

/** Schema options that say how to put a field right. */
export function fix(sentence: string): { readonly [fixKeyword]: string } {
  return { [fixKeyword]: sentence };
}

/** One token of a JSON Pointer (RFC 6901 §3). */
export function pointerToken(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}
