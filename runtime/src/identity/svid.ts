import type { SpiffeId } from "@vivified/contracts";

/** A process's own identity document (X509-SVID), with everything a TLS endpoint needs. */
export type Svid = {
  readonly spiffeId: SpiffeId;
  /** PKCS #8 PEM */
  readonly keyPem: string;
  /** Leaf first, then intermediates. */
  readonly chainPem: string;
  /** Every trusted root. */
  readonly bundlePem: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
};

/** The current SVID, renewed in the background. */
export interface SvidSource extends AsyncDisposable {
  current(): Svid;
  /** Calls back after every renewal; the returned function ends it. */
  onRenewed(listener: (svid: Svid) => void): () => void;
}
