import { logEntry } from "@vivified/contracts";
import { equalHashes, leafHash, openCheckpoint, parseVerifierKey, rootOf } from "@vivified/tlog";
import type { Evidence, Violation } from "../evidence/evidence.ts";

/**
 * I6: every checkpoint that anybody saw is signed by the log's key and is the root of the stream's records up to its
 * size, sizes only grow, the last one covers everything, and the entries that lie there are those records.
 */
export function logVerifies({ blocks, log }: Evidence): readonly Violation[] {
  const entries = blocks.flatMap(({ block }) => block.records.map(logEntry));
  const leaves = entries.map(leafHash);
  const key = parseVerifierKey(log.vkey);
  if (key === undefined) return [violation("the verifier key cannot be read", log.vkey)];
  const sizes: number[] = [];
  const found = log.checkpoints.flatMap((note) => {
    const opened = openCheckpoint(note, { log: key });
    if (opened.fault !== undefined) return [violation(`a checkpoint does not open: ${opened.fault}`, note)];
    const { size, root } = opened.checkpoint;
    sizes.push(size);
    const holds = size <= leaves.length && equalHashes(rootOf(leaves.slice(0, size)), root);
    return holds ? [] : [violation("a checkpoint is not of this log", String(size))];
  });
  const shrunk = sizes.filter((size, at) => size < (sizes[at - 1] ?? 0));
  const wrong = entries.findIndex((entry, at) => entry !== log.entries[at]);
  return [
    ...found,
    ...shrunk.map((size) => violation("the log shrank", String(size))),
    ...(sizes.at(-1) === entries.length
      ? []
      : [violation(`the log ends at ${sizes.at(-1) ?? 0}`, String(entries.length))]),
    ...(wrong === -1 ? [] : [violation("an entry is not the record of its place", String(wrong))]),
  ];
}

const violation = (says: string, id: string): Violation => ({ invariant: "I6", says, ids: [id] });
