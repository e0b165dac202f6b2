import { isIP } from "node:net";
import type { GrantRequest, Manifest } from "@vivified/contracts";

export type GrantViolation = { readonly pointer: string; readonly message: string; readonly fix: string };
type Fault = readonly [field: string, message: string, fix: string];
export type CheckGrantsOptions = { readonly insecureAllowed: boolean };

/** Holds grants to what the manifest asks for: nobody is given what they did not ask for, and nothing insecure by accident. */
export function checkGrants(
  grants: readonly GrantRequest[],
  manifest: Manifest,
  options: CheckGrantsOptions,
): readonly GrantViolation[] {
  return grants.flatMap((grant, index) =>
    faults(grant, manifest, options).map(([field, message, fix]) => ({
      pointer: `/grants/${index}/${field}`,
      message,
      fix,
    })),
  );
}

function faults(grant: GrantRequest, manifest: Manifest, options: CheckGrantsOptions): readonly Fault[] {
  switch (grant.kind) {
    case "publish":
      return asked("publishes", grant.event_type, manifest);
    case "subscribe":
      return asked("subscribes", grant.event_type, manifest);
    case "rpc":
      return grant.target === manifest.id ? [["target", "a plugin does not call itself", "name another plugin"]] : [];
    case "egress":
      return [...destination(grant, manifest), ...insecure(grant, options)];
  }
}

function asked(side: "publishes" | "subscribes", type: string, manifest: Manifest): readonly Fault[] {
  if (manifest.events?.[side]?.includes(type)) return [];
  return [
    ["event_type", `the manifest does not ask for ${type} in events.${side}`, "leave it out, or have the plugin ask"],
  ];
}

type Egress = Extract<GrantRequest, { kind: "egress" }>;

function destination({ host }: Egress, manifest: Manifest): readonly Fault[] {
  if (!manifest.traits.includes("external_service")) {
    return [["host", "the plugin has no trait external_service", "have the plugin ask for it"]];
  }
  if ((manifest.allowed_domains ?? []).some((domain) => covers(domain, host))) return [];
  return [["host", `the manifest does not ask for ${host} in allowed_domains`, "leave it out, or have the plugin ask"]];
}

/** `*.example.com` covers its apex, its subdomains, and wildcards over them. */
function covers(domain: string, host: string): boolean {
  if (domain === host) return true;
  if (!domain.startsWith("*.")) return false;
  const apex = domain.slice(2);
  const bare = host.startsWith("*.") ? host.slice(2) : host;
  return bare === apex || bare.endsWith(`.${apex}`);
}

function insecure(grant: Egress, { insecureAllowed }: CheckGrantsOptions): readonly Fault[] {
  const fields = (["insecure_address_ranges", "insecure_plaintext_smtp"] as const).filter((field) => grant[field]);
  if (!insecureAllowed)
    return fields.map((field) => [
      field,
      "insecure grants are off",
      "they exist in dev mode only, by a setting of core",
    ]);
  const wrong = (grant.insecure_address_ranges ?? []).filter((range) => !isRange(range));
  return wrong.map((range) => ["insecure_address_ranges", `${range} is not an address range`, "write address/prefix"]);
}

function isRange(text: string): boolean {
  const [address = "", prefix = "", ...more] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return more.length === 0 && /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits;
}
