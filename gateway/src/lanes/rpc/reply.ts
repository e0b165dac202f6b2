import type { Decision, JsonObject } from "@vivified/contracts";
import { type Denial, type Permit, spend } from "../../pep/permit.ts";
import type { Question } from "../../pep/question.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";

export type RpcReply = {
  readonly outcome: "released";
  /** The decision that let the call through. */
  readonly decision: Decision;
  readonly status: number;
  readonly payload: JsonObject;
};

/** The target's reply, as policy left it. */
export function release(shown: Permit<"rpc/reply">, told: Pick<RpcReply, "decision" | "status">): RpcReply {
  return { outcome: "released", ...told, payload: spend(shown).payload };
}

/** The call took place, and its caller may not see what came of it. */
export function withhold(denial: Denial): Denial {
  return { ...denial, code: "reply_withheld", executed: true };
}

/** Who was not granted an operation is answered as if there were none. */
export function conceal(denial: Denial, asked: Question<"rpc/invoke">, snapshot: Snapshot): Denial {
  const { target, operation } = asked.resource;
  const granted = snapshot.grants.rpc(asked.subject.id, target.id, operation.name);
  return granted === undefined ? { ...denial, code: "not_found" } : denial;
}
