import { isJsonObject } from "../json.ts";
import type { Manifest } from "./manifest.ts";

/** The operations that each contract asks of a plugin that claims it. */
const contractOperations: Readonly<Record<string, readonly string[]>> = {
  CommunicationPlugin: ["send_message", "receive_messages"],
  StoragePlugin: ["store", "retrieve", "delete"],
  IdentityPlugin: ["get_user"],
  WorkflowPlugin: [],
  CustomPlugin: [],
};

export type Handled = { readonly operations: readonly string[]; readonly events: readonly string[] };

/** Everything in which manifest and handlers disagree, each a sentence. Core checks the rest of the manifest. */
export function manifestFaults(manifest: Manifest, handled: Handled): readonly string[] {
  return [
    ...identityFaults(manifest),
    ...unreadableEndpoints(manifest),
    ...contractFaults(manifest),
    ...disagreements("operation", namesOf(manifest), handled.operations),
    ...disagreements("event", manifest.subscribes, handled.events),
    ...eventEndpointFaults(manifest),
  ];
}

function identityFaults({ id, version }: Manifest): readonly string[] {
  const faults = /^[a-z0-9-]+$/.test(id) ? [] : ["/id: must be lower-case letters, digits and dashes"];
  return version === "" ? [...faults, "/version: must be given"] : faults;
}

function unreadableEndpoints(manifest: Manifest): readonly string[] {
  const { endpoints } = manifest.document;
  const declared = isJsonObject(endpoints) ? Object.keys(endpoints) : [];
  return declared
    .filter((name) => name !== "health" && !namesOf(manifest).includes(name))
    .map((name) => `/endpoints/${name}: must be a path, or an object with a path and one of the known methods`);
}

function contractFaults(manifest: Manifest): readonly string[] {
  return manifest.contracts.flatMap((contract) => {
    const wanted = contractOperations[contract];
    if (wanted === undefined) return [`/contracts: ${contract} is not a known contract`];
    const missing = wanted.filter((name) => !namesOf(manifest).includes(name));
    return missing.map((name) => `/endpoints/${name}: ${contract} asks for this operation`);
  });
}

function disagreements(kind: string, declared: readonly string[], handled: readonly string[]): readonly string[] {
  const unhandled = declared.filter((name) => !handled.includes(name));
  const undeclared = handled.filter((name) => !declared.includes(name));
  return [
    ...unhandled.map((name) => `${kind} ${name}: is declared and has no handler`),
    ...undeclared.map((name) => `${kind} ${name}: has a handler and is not declared`),
  ];
}

function eventEndpointFaults({ subscribes, eventsPath }: Manifest): readonly string[] {
  if (subscribes.length === 0 || eventsPath?.startsWith("/")) return [];
  return ["/events/endpoint: must be a path, because events are subscribed to"];
}

function namesOf(manifest: Manifest): readonly string[] {
  return manifest.operations.map((operation) => operation.name);
}
