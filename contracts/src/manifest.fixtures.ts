/** A manifest without fault or warning; name only what the test is about. */
export function manifestOf(changes: { readonly [field: string]: unknown } = {}): { [field: string]: unknown } {
  const manifest = {
    id: "email-gateway",
    name: "E-mail gateway",
    version: "1.0.0",
    description: "Sends mail.",
    contracts: ["CustomPlugin"],
    traits: ["handles_pii"],
    security: { authentication_required: true, data_classification: ["pii"] },
    compliance: { audit_level: "basic" },
    ...changes,
  };
  return Object.fromEntries(Object.entries(manifest).filter(([, value]) => value !== undefined));
}
