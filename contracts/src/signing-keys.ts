import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;

/** A gateway has one; more than a few are not a gateway's. */
const mostKeysOfOne = 4;

/** One Ed25519 public key as a JWK (RFC 7517, RFC 8037 §2: `x` is 32 bytes). */
const SigningKey = Type.Object(
  {
    kty: Type.Literal("OKP"),
    crv: Type.Literal("Ed25519"),
    x: Type.String({ maxLength: 43 }),
    kid: Type.String({ maxLength: 64 }),
    alg: Type.Literal("EdDSA"),
    use: Type.Literal("sig"),
  },
  closed,
);

/** What the `SIGNING_KEYS` bucket keeps under {@link signingKeysKey}: a gateway's public call-token keys. */
export const SigningKeys = Type.Object({ keys: Type.Array(SigningKey, { maxItems: mostKeysOfOne }) }, closed);
export type SigningKeys = Static<typeof SigningKeys>;

/** The bucket key of a gateway, by the writer id of its audit blocks. */
export const signingKeysKey = (writer: string): string => `gateway.${writer}`;
