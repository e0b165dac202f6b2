import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { JsonObject } from "../json.ts";

export type TokenRequest = {
  readonly pluginId: string;
  /** `rpc:<operation>` or `event:<type>` */
  readonly action: string;
  /** Who calls; default `spiffe://vivified.local/core`. */
  readonly caller?: string;
  /** Replaces any claim; an undefined one is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly typ?: string;
};

/** A gateway's Ed25519 key: signs call tokens, and can be replaced by a new one. */
export type GatewayKeys = {
  readonly publicKeys: () => readonly JsonObject[];
  readonly token: (request: TokenRequest) => Promise<string>;
  /** From now on signs with a new key; the old one is withdrawn. */
  readonly rotate: () => Promise<void>;
};

const trustDomain = "spiffe://vivified.local";

export async function makeGatewayKeys(): Promise<GatewayKeys> {
  let key = await makeKey();
  return {
    publicKeys: () => [key.jwk],
    token: ({ typ = "vivified-call+jwt", ...request }) =>
      new SignJWT(claimsOf(request)).setProtectedHeader({ alg: "EdDSA", kid: key.kid, typ }).sign(key.privateKey),
    rotate: async () => {
      key = await makeKey();
    },
  };
}

async function makeKey() {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519" });
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "EdDSA", use: "sig" } as JsonObject;
  return { kid, jwk, privateKey };
}

function claimsOf({ pluginId, action, caller, claims }: Omit<TokenRequest, "typ">): JWTPayload {
  const nowS = Math.floor(Date.now() / 1000);
  return {
    iss: `${trustDomain}/gateway`,
    sub: caller ?? `${trustDomain}/core`,
    aud: `${trustDomain}/plugin/${pluginId}`,
    jti: randomUUID(),
    iat: nowS,
    exp: nowS + 60,
    decision_id: randomUUID(),
    action,
    ...claims,
  };
}
