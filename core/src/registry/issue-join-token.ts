import { createHash, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import type { KV } from "@nats-io/kv";
import { type JoinTokenReply, mintJoinToken, pluginSpiffeId, reservedPluginIds } from "@vivified/contracts";
import { type Clock, type SvidSource, VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";

export type IssueJoinTokenDeps = {
  readonly stores: Pick<Stores, "decisions">;
  /** The bucket of join tokens; opened at first use. */
  readonly joinTokens: () => Promise<Pick<KV, "create">>;
  readonly svid: Pick<SvidSource, "current">;
  readonly trustDomain: string;
  /** Private, Ed25519: the snapshot key, by which the control plane knows our tokens. */
  readonly platformKey: KeyObject;
  readonly clock: Clock;
};

const reason = { rule: "registry.join_token_issued", message: "An operator let a node of the plugin join", fix: "" };

/**
 * A one-time token with which a node may take the identity of one plugin, registered or not yet. Only its hash is kept.
 *
 * @throws VivifiedError `invalid` 422 for an id that is the platform's own, `core_unavailable` 503 when NATS is away
 */
export async function issueJoinToken(id: string, by: Requester, deps: IssueJoinTokenDeps): Promise<JoinTokenReply> {
  if (reservedPluginIds.some((reserved) => reserved === id)) throw reservedId();
  const spiffeId = pluginSpiffeId(deps.trustDomain, id);
  const rootHash = rootHashOf(deps.svid.current().bundlePem);
  const nowMs = deps.clock.now().getTime();
  const { token, key, entry } = mintJoinToken({
    ...{ spiffeId, rootHash, random: randomBytes(32), nowMs, signingKey: deps.platformKey },
  });
  await keep(key, JSON.stringify(entry), deps);
  const labels = { expires_at: entry.expires_at };
  const change = { ...by, action: "issue join token", resource: `plugin ${id}`, target: id, reason, labels };
  await deps.stores.decisions.append([changeRecord(change)]);
  return { join_token: token, expires_at: entry.expires_at };
}

async function keep(key: string, entry: string, { joinTokens }: IssueJoinTokenDeps): Promise<void> {
  try {
    await (await joinTokens()).create(key, entry);
  } catch (cause) {
    throw new VivifiedError("core_unavailable", { detail: "the token cannot be kept", cause });
  }
}

/** Base64url SHA-256 of the DER of the first root in a bundle. */
function rootHashOf(bundlePem: string): string {
  return createHash("sha256").update(new X509Certificate(bundlePem).raw).digest("base64url");
}

function reservedId(): VivifiedError {
  const violations = [{ pointer: "#params/id", message: "the id is reserved for the platform" }];
  return new VivifiedError("invalid", { extra: { violations } });
}
