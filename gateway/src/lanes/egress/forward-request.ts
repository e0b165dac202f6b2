import type { EgressGrant } from "@vivified/contracts";
import { type Permit, spend } from "../../pep/permit.ts";
import type { BodyForm } from "./http/outgoing-body.ts";
import { type Answer, type SendHttpDeps, sendHttp } from "./http/send-http.ts";
import { type SendMailDeps, sendMail } from "./mail/send-mail.ts";

export type ForwardRequestDeps = SendHttpDeps & SendMailDeps & { readonly insecureAddressRanges: boolean };

/** How the permitted request is carried: to which judged address, under which grant, in which form. */
export type Carriage = {
  readonly address: string;
  readonly grant: EgressGrant | undefined;
  readonly form: BodyForm;
};

/**
 * The lane's effect: sends what was permitted, made from the payload as policy left it, to the address that was judged.
 *
 * @throws VivifiedError `upstream_failed` 502, `upstream_timeout` 504, `denied` 403 (nothing is left to send)
 */
export function forwardRequest(
  permit: Permit<"egress/connect">,
  { address, grant, form }: Carriage,
  deps: ForwardRequestDeps,
): Promise<Answer> {
  const { subject, resource: target, payload } = spend(permit);
  if (target.method !== "SEND") return sendHttp({ plugin: subject.id, target, address, payload, form }, deps);
  const insecurePlaintext = deps.insecureAddressRanges && grant?.insecure_plaintext_smtp === true;
  return sendMail({ target, address, payload, insecurePlaintext }, deps);
}
