import type { KeptDecision } from "../decision-store.ts";

/** The whole record as one line of JSON, with what became of it under `outcome`: what `vivified policy replay --file` reads. */
export function ndjsonLine({ record, outcome }: KeptDecision): string {
  return `${JSON.stringify({ ...record, ...(outcome && { outcome }) })}\n`;
}
