import type { Obligation, ObligationAction } from "@vivified/contracts";

/** After these, nothing of what lay below is left. */
const final: ReadonlySet<ObligationAction> = new Set(["remove", "redact", "hash", "tokenize"]);

/**
 * Leaves out obligations on what lies inside a field that is itself taken away: there is nothing left to apply them to.
 * Parts of a container carry its traits too, so a policy names them all.
 */
export function dropMoot(obligations: readonly Obligation[]): readonly Obligation[] {
  if (obligations.length < 2) return obligations;
  const gone = new Set(obligations.filter(({ action }) => final.has(action)).map(({ path }) => path));
  return obligations.filter(({ path }) => !ancestors(path).some((ancestor) => gone.has(ancestor)));
}

/** `/a/b/c` → `/a/b`, `/a`, and the whole document. */
function ancestors(path: string): string[] {
  const found: string[] = [];
  for (
    let end = path.lastIndexOf("/");
    end >= 0 && path !== "";
    end = end === 0 ? -1 : path.lastIndexOf("/", end - 1)
  ) {
    found.push(path.slice(0, end));
  }
  return found;
}
