import type { Hash } from "../tree/hash.ts";
import { base64Of, hashOf } from "./base64.ts";

/** The head of a log: whose it is, how many entries it has, and the root over them (tlog-checkpoint). */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Further lines; ours has none. */
  readonly extensions: readonly string[];
};

/** The text of the note that carries a checkpoint. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, size, base64Of(root), ...extensions, ""].join("\n");
}

/** Undefined when the text is no checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = "", size = "", root = "", ...rest] = text.split("\n");
  const extensions = rest.slice(0, -1);
  const hash = hashOf(root);
  const number = parseCount(size);
  if (origin === "" || number === undefined || hash === undefined || rest.at(-1) !== "") return undefined;
  return extensions.includes("") ? undefined : { origin, size: number, root: hash, extensions };
}

/** A decimal without needless zeroes that a number holds exactly, or undefined. */
export function parseCount(digits: string): number | undefined {
  const number = /^(?:0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}
