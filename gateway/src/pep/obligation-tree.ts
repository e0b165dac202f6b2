import type { Obligation, ObligationAction } from "@vivified/contracts";

/** Obligations by path segment, so that a payload is walked once. */
export type ObligationTree = {
  readonly action?: ObligationAction;
  readonly children: ReadonlyMap<string, ObligationTree>;
};

/** A path that is not a JSON Pointer. */
export class UnreadableObligation extends Error {
  readonly path: string;
  constructor(path: string) {
    super("not a JSON Pointer");
    this.path = path;
  }
}

type Growing = { action?: ObligationAction; children: Map<string, Growing> };

/** From what shows most to what shows nothing: where two rules name one field, the stricter one holds. */
const strictness: readonly ObligationAction[] = ["keep", "generalize", "mask", "tokenize", "hash", "redact", "remove"];

/** @throws UnreadableObligation when a path is not a JSON Pointer (RFC 6901). */
export function treeOf(obligations: readonly Obligation[]): ObligationTree {
  const root: Growing = { children: new Map() };
  for (const { path, action } of obligations) {
    const node = segmentsOf(path).reduce(childOf, root);
    node.action = stricter(node.action ?? "keep", action);
  }
  return root;
}

function childOf(node: Growing, segment: string): Growing {
  const child = node.children.get(segment) ?? { children: new Map() };
  node.children.set(segment, child);
  return child;
}

function stricter(one: ObligationAction, other: ObligationAction): ObligationAction {
  return strictness.indexOf(one) > strictness.indexOf(other) ? one : other;
}

function segmentsOf(path: string): string[] {
  if (path === "") return [];
  if (!path.startsWith("/") || /~(?![01])/.test(path)) throw new UnreadableObligation(path);
  return path
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}
