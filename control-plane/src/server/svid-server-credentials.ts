import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import type { Svid, SvidSource } from "@vivified/runtime";

/** gRPC over mutual TLS 1.3 with an SVID that is renewed while the server runs; new connections get the new one. */
export class SvidServerCredentials extends ServerCredentials {
  constructor(svid: SvidSource) {
    super({ requestCert: true, rejectUnauthorized: true }, secureContext(svid.current()));
    svid.onRenewed((renewed) => this.updateSecureContextOptions(secureContext(renewed)));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** No session tickets: a resumed session would skip the check of the client's certificate. */
function secureContext({ keyPem, chainPem, bundlePem }: Svid): SecureContextOptions {
  return {
    key: keyPem,
    cert: chainPem,
    ca: bundlePem,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}
