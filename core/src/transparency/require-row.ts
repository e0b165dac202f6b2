import { logInconsistency } from "./log-inconsistency.ts";
import type { WaitingLeaf } from "./log-store.ts";

/** Every place has its leaf, one after the other. @throws VivifiedError `log_inconsistent` naming the first that has none */
export function requireRow(leaves: readonly WaitingLeaf[], from: number, expected: number): void {
  const gap = leaves.findIndex(({ logIndex }, at) => logIndex !== from + at);
  if (gap >= 0) throw logInconsistency(`the leaf ${from + gap} is missing`);
  if (leaves.length < expected) throw logInconsistency(`the leaf ${from + leaves.length} is missing`);
}
