import { tmpdir } from "node:os";
import { runOpa } from "../../bundle/run-opa.ts";

type Capabilities = { readonly builtins: readonly { readonly name: string }[] };

/** Builtins that look outside of the question. */
const outside = new Set(["http.send", "net.lookup_ip_addr", "opa.runtime"]);

/**
 * What OPA's interpreter can do, without the network and the process's environment: a bundle's Rego is only text until it
 * is explained, and explaining it must do nothing.
 */
export async function sealedCapabilities(opa: string): Promise<string> {
  const printed = await runOpa({ opa, cwd: tmpdir(), args: ["capabilities", "--current"] });
  const current: Capabilities = JSON.parse(printed);
  const builtins = current.builtins.filter(({ name }) => !outside.has(name));
  return JSON.stringify({ ...current, builtins, allow_net: [] });
}
