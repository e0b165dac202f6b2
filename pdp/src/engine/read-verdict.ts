import {
  type Effect,
  type Obligation,
  type ObligationAction,
  obligationActions,
  type PlatformRule,
  type Reason,
  type Verdict,
} from "@vivified/contracts";

const effects: ReadonlySet<unknown> = new Set<Effect>(["allow", "sanitize", "deny"]);
/** Twice the depth of the deepest question; whoever applies obligations follows every step of a path. */
const maxPathDepth = 64;
const actions: ReadonlySet<unknown> = new Set<ObligationAction>(obligationActions);

/**
 * A policy's answer as a verdict: lists sorted and without repetition, so that the same answer always reads the same.
 * Gives the platform's rule instead when it is not an answer: an unknown effect, an allow that names no ground, an allow
 * with obligations or a sanitize without, two actions for one field, an action that nobody can carry out, a path that is
 * deeper than any payload.
 */
export function readVerdict(value: unknown): Verdict | PlatformRule {
  if (!isRecord(value) || !isEffect(value.effect)) return "pdp.malformed";
  const reasons = readReasons(value.reasons);
  const obligations = readObligations(value.obligations);
  const reports = readReports(value);
  if (typeof obligations === "string") return obligations;
  if (typeof reports === "string") return reports;
  if (reasons === undefined || reasons.length === 0) return "pdp.malformed";
  if ((value.effect === "sanitize") !== obligations.length > 0) return "pdp.malformed";
  return { effect: value.effect, reasons, obligations, ...reports };
}

type Reports = Pick<Verdict, "would_deny" | "would_sanitize">;

/** What rules in mode `report` said; nothing at all when they said nothing. */
function readReports(value: { readonly [key: string]: unknown }): Reports | PlatformRule {
  const denials = readReasons(value.would_deny ?? []);
  const obligations = readObligations(value.would_sanitize ?? []);
  if (denials === undefined) return "pdp.malformed";
  if (typeof obligations === "string") return obligations;
  return {
    ...(denials.length > 0 && { would_deny: denials }),
    ...(obligations.length > 0 && { would_sanitize: obligations }),
  };
}

function readReasons(value: unknown): Reason[] | undefined {
  if (!Array.isArray(value) || !value.every(isReason)) return undefined;
  const reasons = value.map(({ rule, message, fix }) => ({ rule, message, fix }));
  return unique(reasons.sort(compareReasons), (a, b) => compareReasons(a, b) === 0);
}

function readObligations(value: unknown): Obligation[] | PlatformRule {
  if (!Array.isArray(value) || !value.every(isInstruction)) return "pdp.malformed";
  if (!value.every(isObligation)) return "pep.unknown_obligation";
  const obligations = value.map(({ path, action }) => ({ path, action }));
  const distinct = unique(obligations.sort(compareObligations), (a, b) => compareObligations(a, b) === 0);
  const ambiguous = distinct.some(({ path }, index) => distinct[index + 1]?.path === path);
  return ambiguous ? "pdp.malformed" : distinct;
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null;

const isEffect = (value: unknown): value is Effect => effects.has(value);

const isReason = (value: unknown): value is Reason =>
  isRecord(value) && isText(value.rule) && isText(value.message) && typeof value.fix === "string";

const isInstruction = (value: unknown): value is { path: string; action: unknown } =>
  isRecord(value) && typeof value.path === "string" && isPath(value.path);

/** Empty or with a leading slash, and no deeper than the bound; nothing is taken apart that is deeper. */
const isPath = (path: string): boolean =>
  (path === "" || path.startsWith("/")) && path.split("/", maxPathDepth + 2).length <= maxPathDepth + 1;

const isObligation = (value: { path: string; action: unknown }): value is Obligation => actions.has(value.action);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareReasons = (a: Reason, b: Reason): number =>
  compare(a.rule, b.rule) || compare(a.message, b.message) || compare(a.fix, b.fix);

const compareObligations = (a: Obligation, b: Obligation): number =>
  compare(a.path, b.path) || compare(a.action, b.action);

/** Of a sorted list. */
function unique<Item extends object>(sorted: readonly Item[], same: (a: Item, b: Item) => boolean): Item[] {
  return sorted.filter((item, index) => {
    const before = sorted[index - 1];
    return before === undefined || !same(before, item);
  });
}
