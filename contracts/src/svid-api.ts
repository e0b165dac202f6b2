import { type Static, Type } from "typebox";

/**
 * The control plane's CSR port. `POST /v1/svid` is authorised by a one-time join token, or by the caller's live SVID
 * (mTLS); the identity comes from there, never from the CSR. `GET /v1/bundle` gives the trust bundle to anyone.
 */
export const SvidRequest = Type.Object(
  {
    /** PKCS #10, PEM, EC P-256, signed by its own key. */
    csr: Type.String({ maxLength: 8192 }),
    join_token: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type SvidRequest = Static<typeof SvidRequest>;

export const SvidReply = Type.Object({
  spiffe_id: Type.String(),
  /** PEM: leaf first, then intermediates. */
  certificate_chain: Type.String(),
  /** PEM: every trusted root. */
  bundle: Type.String(),
  expires_at: Type.String({ format: "date-time" }),
});
export type SvidReply = Static<typeof SvidReply>;

export const BundleReply = Type.Object({ bundle: Type.String() });
export type BundleReply = Static<typeof BundleReply>;
