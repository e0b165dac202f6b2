/** A field that neither end is cleared for, so that policy, obligations and record do their work on both ways. */
const person = {
  type: "object",
  required: ["email", "filler"],
  properties: { email: { type: "string", "x-vivified-traits": ["pii"] }, filler: { type: "string" } },
  additionalProperties: false,
};

export function manifestOf(id: string) {
  return {
    id,
    name: "Benchmark endpoint",
    version: "0.1.0",
    description: "One end of a measured call.",
    contracts: ["CustomPlugin"],
    traits: ["notifications"],
    dependencies: [],
    allowed_domains: [],
    endpoints: {
      health: "/health",
      echo: { path: "/echo", method: "POST", idempotent: true, input: person, output: person },
    },
    events: { publishes: [], subscribes: [] },
    security: { authentication_required: true, data_classification: ["internal"] },
    compliance: { hipaa_controls: [], audit_level: "basic" },
  };
}
