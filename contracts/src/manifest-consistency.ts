import { contractOperations, knownTraits, reservedPluginIds, reservedTraits } from "./manifest.ts";
import { holds, isRecord, stringsAt, valueAt } from "./manifest-value.ts";
import type { ManifestViolation } from "./manifest-violation.ts";

type Rule = (manifest: unknown) => readonly ManifestViolation[];

/** What one field means for another. Every rule speaks for itself, whatever the others found. */
export function consistencyViolations(manifest: unknown): readonly ManifestViolation[] {
  return [reservedId, reserved, phi, pii, external, contracts, subscriptions, paths].flatMap((rule) => rule(manifest));
}

export function consistencyWarnings(manifest: unknown): readonly ManifestViolation[] {
  return [undescribed, unknownTraits].flatMap((rule) => rule(manifest));
}

const violation = (pointer: string, message: string, fix: string): ManifestViolation => ({ pointer, message, fix });

const reservedId: Rule = (manifest) =>
  reservedPluginIds.some((id) => id === valueAt(manifest, "id"))
    ? [violation("/id", "the id is reserved for the platform", "choose another id")]
    : [];

const reserved: Rule = (manifest) =>
  stringsAt(manifest, "traits")
    .filter(([trait]) => reservedTraits.some((name) => name === trait))
    .map(([trait, at]) => violation(`/traits/${at}`, `the trait ${trait} is reserved`, "remove it"));

const phi: Rule = (manifest) => {
  if (!holds(manifest, "handles_phi", "traits")) return [];
  const found = [];
  if (!holds(manifest, "phi", "security", "data_classification"))
    found.push(violation("/security/data_classification", "handles_phi without the classification phi", "add phi"));
  if (stringsAt(manifest, "compliance", "hipaa_controls").length === 0)
    found.push(
      violation(
        "/compliance/hipaa_controls",
        "handles_phi without HIPAA controls",
        "name at least one, such as 164.312(a)",
      ),
    );
  if (valueAt(manifest, "compliance", "audit_level") === "none")
    found.push(
      violation("/compliance/audit_level", "handles_phi with audit level none", "use basic, detailed or complete"),
    );
  return found;
};

const pii: Rule = (manifest) =>
  holds(manifest, "handles_pii", "traits") && !holds(manifest, "pii", "security", "data_classification")
    ? [violation("/security/data_classification", "handles_pii without the classification pii", "add pii")]
    : [];

const external: Rule = (manifest) =>
  holds(manifest, "external_service", "traits") && stringsAt(manifest, "allowed_domains").length === 0
    ? [violation("/allowed_domains", "external_service without any domain", "name the hosts that the plugin calls")]
    : [];

const contracts: Rule = (manifest) => {
  const endpoints = valueAt(manifest, "endpoints");
  const declared = isRecord(endpoints) ? Object.keys(endpoints) : [];
  return stringsAt(manifest, "contracts").flatMap(([contract, at]) =>
    operationsOf(contract)
      .filter((operation) => !declared.includes(operation))
      .map((name) =>
        violation(`/contracts/${at}`, `${contract} asks for the operation ${name}`, `declare ${name} in endpoints`),
      ),
  );
};

function operationsOf(contract: string): readonly string[] {
  return Object.entries(contractOperations).find(([name]) => name === contract)?.[1] ?? [];
}

const subscriptions: Rule = (manifest) =>
  stringsAt(manifest, "events", "subscribes").length > 0 && valueAt(manifest, "events", "endpoint") === undefined
    ? [violation("/events/endpoint", "subscriptions without an endpoint", "add the path that deliveries are POSTed to")]
    : [];

/** A dot segment would leave the path that was declared. */
const paths: Rule = (manifest) => {
  const endpoints = valueAt(manifest, "endpoints");
  const declared = Object.entries(isRecord(endpoints) ? endpoints : {}).map(
    ([name, entry]) => [`/endpoints/${name}`, isRecord(entry) ? entry.path : entry] as const,
  );
  const deliveries = ["/events/endpoint", valueAt(manifest, "events", "endpoint")] as const;
  return [...declared, deliveries]
    .filter(([, path]) => typeof path === "string" && path.split("/").some((part) => part === "." || part === ".."))
    .map(([pointer]) => violation(pointer, "the path has a dot segment", "write the path without . and .."));
};

const undescribed: Rule = (manifest) =>
  valueAt(manifest, "description") === undefined
    ? [violation("/description", "there is no description", "say in a sentence what the plugin does")]
    : [];

const unknownTraits: Rule = (manifest) =>
  stringsAt(manifest, "traits")
    .filter(([trait]) => ![...knownTraits, ...reservedTraits].some((name) => name === trait))
    .map(([trait, at]) => violation(`/traits/${at}`, `the trait ${trait} is not known`, "check its spelling"));
