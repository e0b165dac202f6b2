import { createHash } from "node:crypto";
import type { DecisionRecord, Reason, TraceContext } from "@vivified/contracts";
import type { PublicKey } from "@vivified/runtime/x509";
import { meshRecord } from "../mesh-record.ts";
import type { IssuedSvid } from "./issue-svid.ts";
import type { NoRight, SvidRight } from "./svid-right.ts";

/** What every record of the CSR port says of the request. */
export type Asked = {
  readonly now: Date;
  readonly trace: TraceContext;
  readonly trustDomain: string;
  /** Where the request came from: an IP address; empty for what the control plane asks itself. */
  readonly address: string;
};

const fix = "";
const newToken = "issue a new join token and start the agent with it";

type Issued = SvidRight["rule"] | "mesh.self_issued";

const reasons: Readonly<Record<Issued | NoRight["rule"], Reason>> = {
  "mesh.self_issued": { rule: "mesh.self_issued", message: "The control plane holds the authority's key", fix },
  "mesh.joined": { rule: "mesh.joined", message: "An unused join token of this identity was shown", fix },
  "mesh.renewed": { rule: "mesh.renewed", message: "The SVID that this one follows was shown", fix },
  "mesh.join_token_malformed": refusal("mesh.join_token_malformed", "What was shown is no join token"),
  "mesh.join_token_another_root": refusal("mesh.join_token_another_root", "The join token is of another platform"),
  "mesh.join_token_unknown": refusal("mesh.join_token_unknown", "Nobody made this join token"),
  "mesh.join_token_reused": refusal(
    "mesh.join_token_reused",
    "The join token was used before: somebody else may have it",
  ),
  "mesh.join_token_expired": refusal("mesh.join_token_expired", "The join token has expired"),
  "mesh.join_token_broken_entry": refusal("mesh.join_token_broken_entry", "The stored join token cannot be read"),
  "mesh.join_token_unsigned": refusal(
    "mesh.join_token_unsigned",
    "Somebody put the join token into the bucket who is not the platform",
  ),
  "mesh.join_token_not_admissible": refusal(
    "mesh.join_token_not_admissible",
    "The join token is for an identity that this platform does not give out",
  ),
  "mesh.svid_expired": refusal("mesh.svid_expired", "The SVID expired while its connection was open"),
  "mesh.svid_not_admissible": refusal(
    "mesh.svid_not_admissible",
    "The SVID is of an identity that this platform does not give out",
  ),
};

/** An SVID that was given out, and to which key (hex SHA-256 of its SubjectPublicKeyInfo, RFC 5280 §4.1.2.7). */
export function issuedRecord(
  { rule, spiffeId }: { readonly rule: Issued; readonly spiffeId: string },
  svid: IssuedSvid & { readonly publicKey: PublicKey },
  asked: Asked,
): DecisionRecord {
  const key = createHash("sha256").update(Buffer.from(svid.publicKey.rawData)).digest("hex");
  const labels = { serial: svid.serial, public_key: key, expires_at: svid.expiresAt.toISOString() };
  return recordOf({ entrypoint: "recorded", rule, spiffeId, labels }, asked);
}

/** A no, with what the caller is not told. */
export function refusedRecord({ rule, spiffeId = "" }: NoRight, asked: Asked): DecisionRecord {
  return recordOf({ entrypoint: "refused", rule, spiffeId, labels: {} }, asked);
}

type Told = {
  readonly entrypoint: "recorded" | "refused";
  readonly rule: Issued | NoRight["rule"];
  readonly spiffeId: string;
  readonly labels: Readonly<Record<string, string>>;
};

function recordOf({ entrypoint, rule, spiffeId, labels }: Told, { now, trace, trustDomain, address }: Asked) {
  const whose = nameOf(spiffeId, trustDomain);
  return meshRecord({
    ...{ entrypoint, now, trace, reason: reasons[rule] },
    caller: rule.startsWith("mesh.join_token_") ? "anonymous" : whose,
    action: "issue svid",
    resource: spiffeId || "svid",
    ...(spiffeId !== "" && { target: whose }),
    labels: { ...(address !== "" && { address }), ...labels },
  });
}

/** A plugin by its id, a process by its name, anything else by its SPIFFE ID. */
function nameOf(spiffeId: string, trustDomain: string): string {
  const path = spiffeId.split(`spiffe://${trustDomain}/`)[1] ?? spiffeId;
  return path.replace(/^plugin\//, "");
}

function refusal(rule: string, message: string): Reason {
  return { rule, message, fix: newToken };
}
