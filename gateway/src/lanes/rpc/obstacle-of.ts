import type { Refusal } from "../../pep/refuse.ts";
import type { SchemaChecks } from "../../pep/schema-checks.ts";
import type { Call } from "./accept-call.ts";
import type { Target } from "./resolve-target.ts";

export type Obstacle = Pick<Refusal, "rule" | "target" | "violations">;

export type ObstacleDeps = {
  readonly checkSchema: SchemaChecks;
  readonly plugins: { readonly reachable: (pluginId: string) => boolean };
};

/**
 * What stands in the way of a permitted call. Looked at after the permit, because none of it may be learned by somebody
 * who may not know the operation.
 */
export function obstacleOf(call: Call, { target, operation }: Target, deps: ObstacleDeps): Obstacle | undefined {
  const violations = deps.checkSchema(call.payload, operation.input);
  if (violations.length > 0) return { rule: "rpc.input_schema", target: target.id, violations };
  const ready = target.status === "active" && deps.plugins.reachable(target.id);
  return ready ? undefined : { rule: "rpc.target_unavailable", target: target.id };
}
