import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { processSpiffeId, type SpiffeId } from "@vivified/contracts";
import { type Clock, uuidv7, VivifiedError } from "@vivified/runtime";
import { exportJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { UserAccount } from "./user-store.ts";

export const accessTokenSeconds = 15 * 60;
export const accessTokenAudience = "vivified-api";

export type AccessTokenOptions = { readonly keyPem: string; readonly trustDomain: string; readonly clock: Clock };

/**
 * Access tokens of people: EdDSA JWTs of fifteen minutes (RFC 9068), signed by core, good for core's API only. They say who
 * somebody is; what somebody may do is looked up at every request.
 */
export class AccessTokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #issuer: SpiffeId;
  readonly #clock: Clock;

  constructor({ keyPem, trustDomain, clock }: AccessTokenOptions) {
    this.#privateKey = createPrivateKey(keyPem);
    if (this.#privateKey.asymmetricKeyType !== "ed25519") {
      throw new VivifiedError("invalid_config", { detail: "the token key is not an Ed25519 key" });
    }
    this.#publicKey = createPublicKey(this.#privateKey);
    this.#keyId = createHash("sha256")
      .update(this.#publicKey.export({ type: "spki", format: "der" }))
      .digest("base64url");
    this.#issuer = processSpiffeId(trustDomain, "core");
    this.#clock = clock;
  }

  async sign(user: Pick<UserAccount, "id" | "tenantId">): Promise<string> {
    const nowSeconds = Math.floor(this.#clock.now().getTime() / 1000);
    return new SignJWT({ tenant_id: user.tenantId, client_id: "vivified" })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: this.#keyId })
      .setIssuer(this.#issuer)
      .setAudience(accessTokenAudience)
      .setSubject(user.id)
      .setJti(uuidv7())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + accessTokenSeconds)
      .sign(this.#privateKey);
  }

  /** The user that a token was made for. @throws VivifiedError `unauthenticated` 401, without saying why */
  async verify(token: string): Promise<{ readonly userId: string; readonly expiresAt: Date }> {
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        algorithms: ["EdDSA"],
        typ: "at+jwt",
        issuer: this.#issuer,
        audience: accessTokenAudience,
        requiredClaims: ["sub", "iat", "exp", "jti", "tenant_id"],
        maxTokenAge: accessTokenSeconds,
        currentDate: this.#clock.now(),
      });
      return { userId: payload.sub ?? "", expiresAt: new Date((payload.exp ?? 0) * 1000) };
    } catch (cause) {
      throw new VivifiedError("unauthenticated", { detail: "the access token is not valid", cause });
    }
  }

  async jwk(): Promise<JWK> {
    return { ...(await exportJWK(this.#publicKey)), kid: this.#keyId, alg: "EdDSA", use: "sig" };
  }
}
