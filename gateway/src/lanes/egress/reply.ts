import { type Decision, isJsonObject, type ProxyReply } from "@vivified/contracts";
import { type Denial, type Permit, spend } from "../../pep/permit.ts";

export type EgressReply = {
  readonly outcome: "released";
  /** The decision that let the request out. */
  readonly decision: Decision;
  readonly reply: ProxyReply;
};

/** What the caller sees of the answer: what policy left of it. */
export function release(shown: Permit<"egress/reply">, decision: Decision): EgressReply {
  const { resource, payload } = spend(shown);
  const headers = isJsonObject(payload.headers) ? Object.entries(payload.headers) : [];
  const texts = headers.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  const reply = { status_code: resource.status, headers: Object.fromEntries(texts), body: payload.body ?? null };
  return { outcome: "released", decision, reply };
}

/** The answer stays here, and the caller learns that the request took place. */
export function withhold(denial: Denial): Denial {
  return { ...denial, code: "reply_withheld", executed: true };
}
