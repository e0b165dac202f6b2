import type { DecisionRecord } from "@vivified/contracts";
import { type Dice, dice } from "./dice.ts";

/** What a decision is apart from time, ids and revision. */
export type DecisionKind = Pick<
  DecisionRecord,
  "lane" | "entrypoint" | "path" | "caller" | "action" | "resource" | "target" | "result"
>;

/** The kinds of decisions that a platform of 200 plugins sees, the frequent ones first. */
export type SampleKinds = {
  readonly permitted: readonly DecisionKind[];
  readonly denied: readonly DecisionKind[];
  /** Each about once in a hundred thousand decisions. */
  readonly rare: readonly DecisionKind[];
  /** Once in a million. */
  readonly rarest: DecisionKind;
};

const plugins = 200;
const operations = 2_000;
const rules = 300;

export const rareWord = "quetzal";
export const pluginName = (n: number) => `plugin-${n}`;
export const rareCaller = (n: number) => `seldom-${n}`;
export const rareRule = (n: number) => `rpc.seldom_${n}`;
export const ruleName = (n: number) => `${["rpc", "events", "egress"][n % 3]}.rule_${n}`;

export function sampleKinds(): SampleKinds {
  const random = dice(5);
  const many = (n: number, make: (nth: number) => DecisionKind) => Array.from({ length: n }, (_, nth) => make(nth));
  return {
    permitted: many(2_500, () => permitted(random)),
    denied: many(500, () => denied(random)),
    rare: many(40, (nth) => ({
      ...permitted(random),
      caller: rareCaller(nth),
      result: verdict("allow", rareRule(nth), "Granted to few"),
    })),
    rarest: { ...denied(random), result: verdict("deny", "rpc.rule_0", `The ${rareWord} was not expected`) },
  };
}

const lanes = [
  { lane: "rpc", entrypoint: "rpc/invoke", path: "vivified/rpc/invoke/decision", action: "invoke" },
  { lane: "rpc", entrypoint: "rpc/invoke", path: "vivified/rpc/invoke/decision", action: "invoke" },
  { lane: "events", entrypoint: "events/publish", path: "vivified/events/publish/decision", action: "publish" },
  { lane: "egress", entrypoint: "egress/connect", path: "vivified/egress/connect/decision", action: "connect" },
] as const;

function permitted(random: Dice): DecisionKind {
  const rule = ruleName(random.skewed(rules));
  const allowed = verdict("allow", rule, "Granted by the plugin's manifest");
  const reported = { ...allowed, would_deny: [{ fix: "Ask for another", message: "The grant expires", rule }] };
  return { ...whoToWhat(random), result: random.even(50) === 0 ? reported : allowed };
}

function denied(random: Dice): DecisionKind {
  const rule = ruleName(random.skewed(rules));
  return { ...whoToWhat(random), result: verdict("deny", rule, "The operation is not granted to this plugin") };
}

function whoToWhat(random: Dice): Omit<DecisionKind, "result"> {
  const lane = lanes[random.even(lanes.length)] ?? lanes[0];
  const target = random.skewed(plugins);
  const operation = `${pluginName(target)}.operation_${random.skewed(operations)}`;
  const caller = pluginName(random.skewed(plugins));
  if (lane.lane === "egress") return { ...lane, caller, resource: `https://host-${target}.example:443` };
  return { ...lane, caller, resource: operation, target: pluginName(target) };
}

function verdict(effect: "allow" | "deny", rule: string, message: string): DecisionRecord["result"] {
  const fix = effect === "deny" ? "Ask an administrator for a grant" : "";
  return { effect, obligations: [], reasons: [{ fix, message, rule }] };
}
