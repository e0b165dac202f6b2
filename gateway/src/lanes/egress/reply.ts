import { isJsonObject, type ProxyReply } from "@vivified/contracts";
import { type Denial, type Permit, spend } from "../../pep/permit.ts";

/** What the caller sees of the answer: what policy left of it. */
export function release(shown: Permit<"egress/reply">): ProxyReply {
  const { resource, payload } = spend(shown);
  const headers = isJsonObject(payload.headers) ? Object.entries(payload.headers) : [];
  const texts = headers.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  return { status_code: resource.status, headers: Object.fromEntries(texts), body: payload.body ?? null };
}

/** The answer stays here, and the caller learns that the request took place. */
export function withhold(denial: Denial): Denial {
  return { ...denial, code: "reply_withheld", executed: true };
}
