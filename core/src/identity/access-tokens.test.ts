import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { systemClock } from "@vivified/runtime";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { AccessTokens } from "./access-tokens.ts";

const pemOf = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const { privateKey } = generateKeyPairSync("ed25519");
const options = { trustDomain: "vivified.local", clock: systemClock };
const tokens = new AccessTokens({ ...options, keyPem: pemOf(privateKey) });

const nowSeconds = Math.floor(Date.now() / 1000);
const claims = {
  iss: "spiffe://vivified.local/core",
  aud: "vivified-api",
  sub: "u-1",
  jti: "1",
  tenant_id: "default",
  iat: nowSeconds,
  exp: nowSeconds + 300,
};

function signed(changes: object): Promise<string> {
  const all = { ...claims, ...changes };
  return new SignJWT(all).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt" }).sign(privateKey);
}

describe("AccessTokens", () => {
  it("know their own", async () => {
    expect(await tokens.verify(await tokens.sign({ id: "u-2", tenantId: "default" }))).toMatchObject({ userId: "u-2" });
    expect(await tokens.verify(await signed({}))).toMatchObject({ userId: "u-1" });
  });

  it.each(Object.keys(claims))("refuse one without %s", async (name) => {
    await expect(tokens.verify(await signed({ [name]: undefined }))).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("are signed with an Ed25519 key and no other", () => {
    const { privateKey: other } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => new AccessTokens({ ...options, keyPem: pemOf(other) })).toThrow("invalid_config");
  });
});
