import type { ApproveRequest } from "@vivified/contracts";
import type { PluginSpec } from "../platform/plugins/plugin-spec.ts";
import { referencePlugins } from "../platform/plugins/reference-plugins.ts";
import { names, type OutsideWorld, outsideAddress } from "./outside-world/outside-world.ts";

type Grants = ApproveRequest["grants"];

/** This one address, of all that are not public. Such a grant exists in dev mode only. */
const insecure_address_ranges = [`${outsideAddress}/32`];

/** The reference plugins with grants to the demo's outside world, and `newsletter`, which wants more than it may have. */
export function demoPlugins(world: OutsideWorld): PluginSpec[] {
  const mailPort = world.mail.port;
  const preferencesPort = world.preferences.port;
  const outside = {
    mailUrl: `smtp://${names.mail}:${mailPort}`,
    preferencesUrl: `http://${names.preferences}:${preferencesPort}/v1/preferences`,
  };
  const additional: Readonly<Record<string, Grants>> = {
    "email-gateway": [toMailServer(mailPort)],
    "workflow-orchestrator": [toPreferences(preferencesPort)],
  };
  const reference = referencePlugins(outside).map((spec) => ({
    ...spec,
    grants: [...spec.grants, ...(additional[spec.id] ?? [])],
  }));
  return [...reference, newsletter()];
}

function toMailServer(port: number): Grants[number] {
  const insecure = { insecure_address_ranges, insecure_plaintext_smtp: true };
  return { kind: "egress", host: names.mail, schemes: ["smtp"], ports: [port], methods: ["SEND"], ...insecure };
}

function toPreferences(port: number): Grants[number] {
  return {
    kind: "egress",
    host: names.preferences,
    schemes: ["http"],
    ports: [port],
    methods: ["POST"],
    path_prefix: "/v1/",
    insecure_address_ranges,
  };
}

/** What an operator might well grant: policy still keeps from it what its traits do not clear it for. */
function newsletter(): PluginSpec {
  return {
    id: "newsletter",
    folder: "newsletter",
    config: {},
    puppet: true,
    grants: [
      { kind: "subscribe", event_type: "UserCreated" },
      { kind: "publish", event_type: "PatientDataUpdated" },
      { kind: "rpc", target: "user-management", operation: "get_user" },
      { kind: "egress", host: names.intranet, schemes: ["https"], ports: [443], methods: ["GET"] },
    ],
  };
}
