import type { CoreAddress } from "./core-connection.ts";

/** Core's certificate is not accepted. That does not pass by itself: the message says what is wrong, and what to give. */
export class UntrustedCoreError extends Error {
  override readonly name = "UntrustedCoreError";

  constructor(base: string, why: string, cause: unknown) {
    super(`${base} cannot be trusted: ${why}`, { cause });
  }

  /** The failure of a request, or what it says of the certificate that core showed. */
  static of(error: unknown, base: string, address: CoreAddress): unknown {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return error;
    const why = isOfCertificate(error.code) ? whyNot(error.code, error.message, address) : undefined;
    return why === undefined ? error : new UntrustedCoreError(base, why, error);
  }
}

/** OpenSSL's verdicts on a certificate, and Node's own on its name (Node.js TLS, "X509 certificate error codes"). */
const verdicts = new Set([
  ...["UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY"],
  ...["UNABLE_TO_DECRYPT_CERT_SIGNATURE", "INVALID_CA", "INVALID_PURPOSE", "PATH_LENGTH_EXCEEDED"],
  ...["ERROR_IN_CERT_NOT_BEFORE_FIELD", "ERROR_IN_CERT_NOT_AFTER_FIELD", "HOSTNAME_MISMATCH"],
]);

function isOfCertificate(code: string): boolean {
  return verdicts.has(code) || code.startsWith("CERT_") || code === "ERR_TLS_CERT_ALTNAME_INVALID";
}

function whyNot(code: string, message: string, address: CoreAddress): string {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired. It has to be renewed, unless this machine's clock is ahead";
    case "CERT_NOT_YET_VALID":
      return "its certificate is not valid yet. This machine's clock may be behind";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return `its certificate is for another name (${message}). --url has to give a name that it is for`;
    default:
      return `${noAuthority(address)} (${message})`;
  }
}

function noAuthority(address: CoreAddress): string {
  if (address.caFile === undefined)
    return "no public authority signed its certificate. --ca has to name the file of the one that did";
  const home = "port" in address ? "; --home or VIVIFIED_HOME may name another platform" : "";
  return `its certificate is not accepted by ${address.caFile}. --ca has to name the file of the authority that signed it${home}`;
}
