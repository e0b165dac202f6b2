import { fileURLToPath } from "node:url";

/** The shipped policies, and the OPA that is compared with. */
export const policies = fileURLToPath(new URL("../../../policies", import.meta.url));
export const opa = process.env.VIVIFIED_OPA ?? "opa";

/** A call of the story: a grant, two fields that the target may not see, four that it may. */
export const question = {
  subject: { id: "workflow-orchestrator", traits: ["external_service", "handles_pii"] },
  resource: {
    plugin: "newsletter",
    operation: "subscribe",
    traits: ["notifications"],
    requires_traits: ["handles_pii"],
  },
  grant: { id: "01a1fc0d-0a20-72d2-9966-5e42d051753a" },
  fields: [
    { path: "/email", type: "string", traits: ["pii"] },
    { path: "/full_name", type: "string", traits: ["pii"] },
    { path: "/language", type: "string", traits: [] },
    { path: "/topics", type: "array", traits: [] },
    { path: "/topics/*", type: "string", traits: [] },
    { path: "/user_id", type: "string", traits: [] },
  ],
  attributes: {},
} as const;
