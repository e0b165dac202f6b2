import { styleText } from "node:util";
import type { GatewayPolicyStatus, PolicyActivation, PolicyOverview } from "@vivified/contracts";
import { isGone } from "./await-gateways.ts";
import { why } from "./tell-activation.ts";

const shownHistory = 5;

/** `vivified policy status` for people: what is in force where, what waits, what was. */
export function statusText(overview: PolicyOverview): string {
  const { active, pending, history, gateways, source, shadow } = overview;
  const past = history.filter(({ state }) => state === "replaced" || state === "rejected").slice(0, shownHistory);
  return [
    ...section("in force", active === undefined ? ["nothing: every lane refuses"] : activationLines(active)),
    ...section("waits for a second person", pending.flatMap(activationLines)),
    ...section(
      "gateways",
      gateways.length === 0 ? ["none has said anything"] : gateways.map((one) => gatewayLine(one, active)),
    ),
    ...section(
      "shadow",
      shadow === undefined ? [] : [`${shadow} judges live traffic, too (vivified policy shadow report)`],
    ),
    ...section("source", source === undefined ? [] : sourceLines(source)),
    ...section("before", past.map(pastLine)),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [styleText("bold", title), ...lines.map((line) => `  ${line}`)];
}

function activationLines({
  id,
  kind,
  revision,
  requested_by,
  requested_at,
  note,
  relaxed,
}: PolicyActivation): string[] {
  return [
    `${revision}  activation ${id}, ${kind} by ${requested_by}, ${requested_at.slice(0, 19)}Z`,
    `“${note}”`,
    ...relaxed.map(({ rule, mode }) => styleText("yellow", `! floor rule ${rule} is ${mode}`)),
  ];
}

function gatewayLine(gateway: GatewayPolicyStatus, active: PolicyActivation | undefined): string {
  const { writer, revision = "nothing", activation, refused } = gateway;
  const ms = gateway.activation_ms === undefined ? "" : `, after ${Math.round(gateway.activation_ms)} ms`;
  const line = `${writer}  ${revision} (activation ${activation}${ms})`;
  if (isGone(gateway)) return styleText("dim", `${line}; gone, last heard of ${gateway.reported_at.slice(0, 19)}Z`);
  if (refused !== undefined)
    return styleText("red", `${line}; refuses activation ${refused.activation}: ${why(gateway)}`);
  return activation === active?.id ? line : styleText("yellow", `${line}; not the one in force`);
}

function sourceLines({ url, checked_at, fault, detail }: NonNullable<PolicyOverview["source"]>): string[] {
  const checked = checked_at === undefined ? "not asked yet" : `asked ${checked_at.slice(0, 19)}Z`;
  const said = detail ?? fault;
  return [`${url}  ${checked}`, ...(said === undefined ? [] : [styleText("red", said)])];
}

const pastLine = ({ id, kind, revision, state, note }: PolicyActivation): string =>
  `${revision}  activation ${id}, ${kind}, ${state}: “${note}”`;
