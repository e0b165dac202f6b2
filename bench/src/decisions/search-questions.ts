import type { DecisionCursor, DecisionFilter } from "../../../core/src/audit/decision-store.ts";
import type { Dice } from "./dice.ts";
import { pluginName, rareCaller, rareRule, rareWord, ruleName } from "./sample-kinds.ts";
import { revisionAt, type SampleSpan } from "./sample-records.ts";

export type SearchQuestion = {
  readonly name: string;
  readonly ask: "page" | "facets" | "histogram";
  /** A filter with other values each time. */
  readonly filter: (nth: number) => DecisionFilter;
  /** Where a page goes on, for those that do not begin with the newest. */
  readonly before?: (nth: number) => DecisionCursor;
};

export type QuestionSource = {
  readonly span: SampleSpan;
  readonly random: Dice;
  /** Traces that are there. */
  readonly traces: readonly string[];
};

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Each filter of a search alone, pairs that are hard to combine, pages far behind, facets and histograms. */
export function searchQuestions(source: QuestionSource): readonly SearchQuestion[] {
  const filters = filtersOf(source);
  const of = (ask: SearchQuestion["ask"], names: readonly string[]) =>
    names.map((name) => ({ name: `${ask}: ${name}`, ask, filter: filters[name] ?? (() => ({})) }));
  const { span, random } = source;
  const far = () => ({
    occurredAt: new Date(span.since + random.fraction() * (span.until - span.since)),
    decisionId: "8",
  });
  const deep = ["nothing", "lane", "caller", "rule", "denials", "text that is common", "caller and target"];
  return [
    ...of("page", Object.keys(filters)),
    ...of("page", deep).map((one) => ({ ...one, name: `far ${one.name}`, before: far })),
    ...of("facets", [...counted, ...spans]),
    ...of("histogram", [...counted, ...spans]),
  ];
}

const counted = ["nothing", "lane", "caller", "rule", "denials", "text that is common", "caller and target"];
const spans = ["last hour", "a week", "a month", "half a year", "denials of a month"];

function filtersOf({ span, random, traces }: QuestionSource): Record<string, (nth: number) => DecisionFilter> {
  const plugin = () => pluginName(random.skewed(200));
  const anyPlugin = () => pluginName(random.even(200));
  const iso = (ms: number) => new Date(ms).toISOString();
  const within = (ms: number) => {
    const since = span.since + random.fraction() * Math.max(0, span.until - span.since - ms);
    return { since: iso(since), until: iso(since + ms) };
  };
  const lane = (nth: number) => (["rpc", "events", "egress"] as const)[nth % 3] ?? "rpc";
  const revision = () => revisionAt(span.since + random.fraction() * (span.until - span.since));
  const common = (nth: number) => ["granted", "manifest", "plugin", "operation"][nth % 4] ?? "granted";
  return {
    nothing: () => ({}),
    "last hour": (nth) => ({ since: iso(span.until - hour - nth * 1000) }),
    "a week": () => within(7 * day),
    "a month": () => within(30 * day),
    "half a year": () => within(182 * day),
    lane: (nth) => ({ lane: lane(nth) }),
    caller: () => ({ caller: plugin() }),
    "rare caller": (nth) => ({ caller: rareCaller(nth) }),
    "caller that is not there": (nth) => ({ caller: `nobody-${nth}` }),
    target: () => ({ target: plugin() }),
    action: (nth) => ({ action: ["invoke", "publish", "connect"][nth % 3] ?? "invoke" }),
    resource: () => ({ resource: `${plugin()}.operation_${random.skewed(2_000)}` }),
    denials: (nth) => ({ effect: "deny", ...(nth > 0 && { since: iso(span.since + nth * day) }) }),
    rule: () => ({ rule: ruleName(random.skewed(300)) }),
    "rare rule": (nth) => ({ rule: rareRule(nth) }),
    revision: () => ({ revision: revision() }),
    trace: (nth) => ({ trace_id: traces[nth % traces.length] ?? "" }),
    "trace that is not there": () => ({ trace_id: random.hex(32) }),
    "would deny": (nth) => ({ would_deny: nth % 2 === 0 }),
    outcome: (nth) => ({ outcome: (["done", "failed", "none", "withheld"] as const)[nth % 4] ?? "done" }),
    "text that is common": (nth) => ({ text: common(nth) }),
    "text that is rare": () => ({ text: rareWord, ...within(390 * day) }),
    "text that is not there": (nth) => ({ text: `zebra${nth}` }),
    "text, common and not there": (nth) => ({ text: `granted zebra${nth}` }),
    "caller and target": () => ({ caller: plugin(), target: plugin() }),
    "caller and target, seldom together": () => ({ caller: anyPlugin(), target: anyPlugin() }),
    "caller and rule": () => ({ caller: plugin(), rule: ruleName(random.skewed(300)) }),
    "rare caller in the newest hour": (nth) => ({ caller: rareCaller(nth), since: iso(span.until - hour) }),
    "rare caller, denied": (nth) => ({ caller: rareCaller(nth), effect: "deny" }),
    "denials of a month": () => ({ effect: "deny", ...within(30 * day) }),
    "denials of a lane in a month far back": (nth) => ({
      effect: "deny",
      lane: lane(nth),
      since: iso(span.since + nth * day),
      until: iso(span.since + (nth + 30) * day),
    }),
    "lane in the last hour": (nth) => ({ lane: lane(nth), since: iso(span.until - hour) }),
    "text and caller": (nth) => ({ text: common(nth), caller: plugin() }),
    "failed calls of a caller": () => ({ outcome: "failed", caller: plugin() }),
    "rule and revision": () => ({ rule: ruleName(random.skewed(300)), revision: revision() }),
  };
}
