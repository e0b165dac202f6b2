import { setTimeout as sleep } from "node:timers/promises";
import type { CallTokenClaims, callTokenType, pluginHeaders } from "@vivified/contracts";
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import { openFetch } from "../client/open-fetch.ts";
import { spendOnce } from "./spend-once.ts";

/** Who was permitted to call this plugin, and under which decision. */
export type Caller = {
  /** Plugin id, or `core`. */
  readonly caller: string;
  readonly callerSpiffeId: string;
  readonly decisionId: string;
  /** `rpc:<operation>` or `event:<type>` */
  readonly action: string;
};

/** @throws CallTokenError for a token that is not good, KeysUnavailableError when nobody can tell now. */
export type VerifyCallToken = (token: string | undefined) => Promise<Caller>;

export class CallTokenError extends Error {
  override readonly name = "CallTokenError";
}

/** The platform's public keys cannot be had, which is not the token's fault. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

export const tokenHeader: (typeof pluginHeaders)["token"] = "x-vivified-token";
const tokenType: typeof callTokenType = "vivified-call+jwt";
const clockToleranceS = 5;
const maxAgeS = 60;

/** SPIFFE IDs: who must have signed, and for whom. */
export type Parties = { readonly issuer: string; readonly audience: string };

export type CallTokens = AsyncDisposable & { readonly verify: VerifyCallToken };

/**
 * Verifies the gateway's tokens: EdDSA by a key of the platform's JWKS, for this plugin, at most a minute old, each good
 * for one request. Keys are kept for five minutes and fetched again when a token names an unknown one (at most once in
 * `unknownKeyPauseMs`, for which such a token waits).
 */
export function openCallTokens(laneUrl: string, parties: Parties, { unknownKeyPauseMs = 1_000 } = {}): CallTokens {
  const connections = openFetch();
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", laneUrl), {
    cooldownDuration: unknownKeyPauseMs,
    cacheMaxAge: 300_000,
    [customFetch]: async (url, { headers, method, signal }) => {
      const init = { method, headers: Object.fromEntries(headers), redirect: "manual", signal } as const;
      const reply = await connections.fetch(url, init);
      return new Response(await reply.text(), { status: reply.status });
    },
  });
  const spend = spendOnce();
  const verify: VerifyCallToken = async (token) => {
    if (!token) throw new CallTokenError("no call token");
    const claims = await readClaims(() => verifyPatiently(token, { keys, parties, unknownKeyPauseMs }));
    if (!spend(claims.jti, claims.exp + clockToleranceS)) throw new CallTokenError("the call token was used before");
    return callerOf(claims);
  };
  return { verify, [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose]() };
}

type Verifying = {
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
  readonly parties: Parties;
  readonly unknownKeyPauseMs: number;
};

/** While keys may not be fetched again yet, an unknown one may be of a gateway that has just started: it is worth the wait. */
async function verifyPatiently(token: string, { keys, parties, unknownKeyPauseMs }: Verifying) {
  try {
    return await jwtVerify(token, keys, rules(parties));
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey) || !keys.coolingDown) throw error;
    await sleep(unknownKeyPauseMs);
    return jwtVerify(token, keys, rules(parties));
  }
}

function rules({ issuer, audience }: Parties) {
  return {
    issuer,
    algorithms: ["EdDSA", "Ed25519"],
    typ: tokenType,
    audience,
    requiredClaims: ["sub", "jti", "iat", "exp", "action", "decision_id"],
    clockTolerance: clockToleranceS,
    maxTokenAge: maxAgeS,
  };
}

async function readClaims(verifyToken: () => Promise<{ payload: JWTPayload }>): Promise<CallTokenClaims> {
  try {
    return (await verifyToken()).payload as CallTokenClaims;
  } catch (cause) {
    if (!isTokenFault(cause)) throw new KeysUnavailableError("the platform's keys cannot be had", { cause });
    throw new CallTokenError("the call token is not good", { cause });
  }
}

function isTokenFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  return error instanceof errors.JOSEError && error.code !== "ERR_JOSE_GENERIC";
}

function callerOf({ sub, decision_id, action }: CallTokenClaims): Caller {
  const caller = sub.slice(sub.lastIndexOf("/") + 1);
  return { caller, callerSpiffeId: sub, decisionId: decision_id, action };
}
