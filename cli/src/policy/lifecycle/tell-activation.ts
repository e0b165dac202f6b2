import type { GatewayPolicyStatus, PolicyActivation } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";
import { awaitGateways, type Followers, isEverywhere } from "./await-gateways.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Said } from "./run-lifecycle.ts";

/** What became of a publication, an approval or a rollback; waits for the gateways when it took effect. */
export async function tellActivation(api: AdminApi, activation: PolicyActivation, wait: number): Promise<Said> {
  const { id, revision, relaxed } = activation;
  const warning = relaxed.map(({ rule, mode }) => `  ! floor rule ${rule} is ${mode}`);
  if (activation.state === "pending") {
    const how = `  a second person approves it:  vivified policy approve ${id}`;
    const text = [`policy ${revision} waits for approval (activation ${id})`, ...warning, how].join("\n");
    return { json: { activation, gateways: [] }, text, code: exitCodes.waits };
  }
  if (wait === 0) return { json: { activation, gateways: [] }, text: headOf(activation), code: exitCodes.done };
  const followers = await awaitGateways(api, id, wait);
  const text = [headOf(activation), ...warning, ...linesOf(followers, wait)].join("\n");
  const code = isEverywhere(followers) ? exitCodes.done : exitCodes.notEverywhere;
  return { json: { activation, gateways: Object.values(followers).flat() }, text, code };
}

const headOf = ({ id, revision }: PolicyActivation): string => `policy ${revision} is in force (activation ${id})`;

function linesOf({ follow, refuse, silent }: Followers, wait: number): readonly string[] {
  const nobody = follow.length + refuse.length + silent.length === 0;
  return [
    ...follow.map(({ writer, activation_ms }) => `  ${writer}  follows${inMs(activation_ms)}`),
    ...refuse.map((gateway) => `  ${gateway.writer}  refuses it: ${why(gateway)}`),
    ...silent.map(
      ({ writer, activation }) => `  ${writer}  has not said so within ${wait} s (it runs activation ${activation})`,
    ),
    ...(nobody ? [`  no gateway has said within ${wait} s that it follows`] : []),
  ];
}

const inMs = (ms: number | undefined): string => (ms === undefined ? "" : ` after ${Math.round(ms)} ms`);

/** Why a gateway did not take the latest activation. */
export function why({ refused }: GatewayPolicyStatus): string {
  return refused === undefined ? "" : `${refused.fault}, ${refused.detail}`;
}
