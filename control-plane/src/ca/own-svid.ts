import { type ProcessName, processSpiffeId } from "@vivified/contracts";
import {
  assembleSvid,
  type Clock,
  type Logger,
  RenewingSvidSource,
  type Svid,
  type SvidSource,
} from "@vivified/runtime";
import { PemConverter, PublicKey } from "@vivified/runtime/x509";
import { type Authority, keyAlgorithm } from "./authority.ts";
import { type IssuedSvid, issueSvid, type SvidRules } from "./issue-svid.ts";

export type OwnSvidOptions = {
  readonly authority: Authority;
  readonly name: ProcessName;
  readonly rules: SvidRules;
  /** Told of every one that was signed. */
  readonly onIssued: (issued: IssuedSvid & { readonly publicKey: PublicKey }) => void;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The control plane's own identity: signed by itself, never on disk, renewed like everybody's. */
export async function openOwnSvid(options: OwnSvidOptions): Promise<SvidSource> {
  const { clock, logger } = options;
  return new RenewingSvidSource({ first: await signOwn(options), renew: () => signOwn(options), clock, logger });
}

async function signOwn({ authority, name, rules, onIssued, clock }: OwnSvidOptions): Promise<Svid> {
  const keys = await crypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const order = {
    spiffeId: processSpiffeId(authority.trustDomain, name),
    publicKey: await PublicKey.create(keys.publicKey),
    now: clock.now(),
  };
  const issued = await issueSvid(authority, order, rules);
  const keyPem = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  const svid = assembleSvid({ keyPem, chainPem: issued.chainPem, bundlePem: authority.bundle });
  if (svid === undefined) throw new Error("the authority signed something that is no SVID");
  onIssued({ ...issued, publicKey: order.publicKey });
  return svid;
}
