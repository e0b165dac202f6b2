import type { CallTokenClaims } from "@vivified/contracts";
import { callTokenType } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Proof for a plugin that the gateway let this very call through. */
export type CallTokens = {
  readonly sign: (claims: Pick<CallTokenClaims, "sub" | "aud" | "decision_id" | "action">) => Promise<string>;
  readonly publicKey: JWK;
};

const lifeSeconds = 60;

/** Makes a signing key (Ed25519) that lives as long as this process and never leaves it. */
export async function makeCallTokens(options: { issuer: string; newId: () => string; clock: Clock }) {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: false });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    publicKey: { ...jwk, kid, alg: "EdDSA", use: "sig" },
    sign: (claims) => signClaims(claims, { ...options, key: privateKey, kid }),
  } satisfies CallTokens;
}

type Signing = { issuer: string; newId: () => string; clock: Clock; key: CryptoKey; kid: string };

function signClaims(claims: Parameters<CallTokens["sign"]>[0], signing: Signing): Promise<string> {
  const iat = Math.floor(signing.clock.now().getTime() / 1000);
  const payload: CallTokenClaims = {
    ...claims,
    iss: signing.issuer,
    jti: signing.newId(),
    iat,
    exp: iat + lifeSeconds,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "EdDSA", typ: callTokenType, kid: signing.kid })
    .sign(signing.key);
}
