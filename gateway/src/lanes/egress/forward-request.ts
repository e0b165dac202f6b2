import type { EgressGrant } from "@vivified/contracts";
import { type Permit, spend } from "../../pep/permit.ts";
import { tellWhetherAgain } from "../../pep/tell-whether-again.ts";
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

/** RFC 9110 §9.2.2. A mail or a POST that may have arrived must not be sent again by a caller who does not know. */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/**
 * The lane's effect: sends what was permitted, made from the payload as policy left it, to the address that was judged.
 *
 * @throws VivifiedError `upstream_failed` 502, `upstream_timeout` 504, both retryable only for idempotent methods;
 *   `denied` 403 (nothing is left to send)
 */
export async function forwardRequest(
  permit: Permit<"egress/connect">,
  carriage: Carriage,
  deps: ForwardRequestDeps,
): Promise<Answer> {
  const granted = spend(permit);
  try {
    return await send(granted, carriage, deps);
  } catch (error) {
    throw tellWhetherAgain(error, { idempotent: idempotentMethods.has(granted.resource.method) });
  }
}

type Granted = ReturnType<typeof spend<"egress/connect">>;

function send(granted: Granted, { address, grant, form }: Carriage, deps: ForwardRequestDeps): Promise<Answer> {
  const { subject, resource: target, payload } = granted;
  if (target.method !== "SEND") return sendHttp({ plugin: subject.id, target, address, payload, form }, deps);
  const insecurePlaintext = deps.insecureAddressRanges && grant?.insecure_plaintext_smtp === true;
  return sendMail({ target, address, payload, insecurePlaintext }, deps);
}
