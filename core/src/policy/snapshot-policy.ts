import type { SnapshotBundle, SnapshotPolicy } from "@vivified/contracts";
import type { KeptBundle, PolicyStore } from "./policy-store.ts";

/** What the snapshot says of the policy in force; nothing while none is. */
export async function snapshotPolicy(
  policies: Pick<PolicyStore, "active" | "shadow" | "findBundle">,
): Promise<SnapshotPolicy | undefined> {
  const active = await policies.active();
  const bundle = active && (await policies.findBundle(active.revision));
  if (active === undefined || bundle === undefined) return undefined;
  const candidate = await policies.shadow();
  const shadow = candidate === undefined ? undefined : await policies.findBundle(candidate);
  return { ...pieces(bundle), activation: active.id, ...(shadow && { shadow: pieces(shadow) }) };
}

function pieces({ revision, sha256, bytes, parts }: KeptBundle): SnapshotBundle {
  return { revision, sha256, bytes, parts };
}
