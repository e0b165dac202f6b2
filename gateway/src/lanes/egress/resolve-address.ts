import { isIP } from "node:net";
import type { EgressGrant } from "@vivified/contracts";
import { addressInRanges } from "./address/address-in-ranges.ts";
import { judgeAddress } from "./address/judge-address.ts";
import type { AddressResolver } from "./address-resolver.ts";

export type ResolveAddressDeps = {
  readonly resolveHost: AddressResolver;
  /** True in dev mode only: grants may open address ranges that are not public. */
  readonly insecureAddressRanges: boolean;
};

/** The one address that may be dialed, or the rule that says why there is none. */
export type ResolvedAddress =
  | { readonly address: string }
  | { readonly rule: "egress.unsafe_address" | "egress.unresolvable" };

/**
 * Resolves a host once and judges every address it leads to: one that is unsafe spoils them all, since a name that
 * answers with a public and a private address is a name that cannot be trusted. Addresses as hosts are judged alike.
 */
export async function resolveAddress(
  host: string,
  grant: EgressGrant | undefined,
  deps: ResolveAddressDeps,
): Promise<ResolvedAddress> {
  const found = isIP(host) === 0 ? await deps.resolveHost(host).catch(() => []) : [host];
  const opened = deps.insecureAddressRanges ? (grant?.insecure_address_ranges ?? []) : [];
  const judged = found.map(judgeAddress);
  const [first] = judged;
  if (first === undefined) return { rule: "egress.unresolvable" };
  const unsafe = judged.some(({ safe, address }) => !safe && !addressInRanges(address, opened));
  return unsafe ? { rule: "egress.unsafe_address" } : { address: first.address };
}
