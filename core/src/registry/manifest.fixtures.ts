/** A manifest that core accepts; name only what the test is about. */
export function manifestOf(changes: { readonly [field: string]: unknown } = {}): { readonly [field: string]: unknown } {
  return {
    id: "mailer",
    name: "Mailer",
    version: "1.0.0",
    description: "Sends mail.",
    contracts: ["CustomPlugin"],
    traits: ["handles_pii", "external_service"],
    allowed_domains: ["mail.demo.example", "*.partner.example"],
    endpoints: { send_mail: "/send" },
    events: { publishes: ["EmailSent"], subscribes: ["UserCreated"], endpoint: "/events" },
    security: { authentication_required: true, data_classification: ["pii"] },
    compliance: { audit_level: "basic" },
    config_schema: {
      type: "object",
      properties: { sender: { type: "string", maxLength: 40 } },
      required: ["sender"],
      additionalProperties: false,
    },
    ...changes,
  };
}

export const egressGrant = {
  kind: "egress",
  host: "mail.demo.example",
  schemes: ["smtp"],
  ports: [587],
  methods: ["SEND"],
} as const;
