import { demoPlugins, type PluginSpec } from "@vivified/cli";
import type { DevEnv } from "./dev-env.ts";

/** Grants `newsletter` more than the demo does: an operation that needs nothing of core while it runs. */
export async function grantMore(env: DevEnv): Promise<PluginSpec> {
  const spec = demoPlugins(env.world).find(({ id }) => id === "newsletter");
  if (spec === undefined) throw new Error("there is no newsletter");
  const more = { kind: "rpc", target: "email-gateway", operation: "receive_messages" } as const;
  const granted = { ...spec, grants: [...spec.grants, more] };
  await env.platform.approvePlugin(granted);
  return granted;
}
