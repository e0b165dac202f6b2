import { type CoreEntrypoint, type DecisionRecord, type Entrypoint, moduleOf } from "@vivified/contracts";
import type { EgressTarget } from "../snapshot/grants.ts";
import type { Resources } from "./question.ts";

/** What a record says about a question's resource. Never a query or a payload. */
export type Named = { readonly resource: string; readonly target?: string };

const names: { readonly [E in Entrypoint]: (resource: Resources[E]) => Named } = {
  "events/publish": ({ eventType }) => ({ resource: eventType }),
  "events/deliver": ({ eventType, subscriber }) => ({ resource: eventType, target: subscriber.id }),
  "rpc/invoke": operationName,
  "rpc/reply": operationName,
  "egress/connect": destinationName,
  "egress/reply": destinationName,
};

export function nameResource<E extends Entrypoint>(entrypoint: E, resource: Resources[E]): Named {
  return names[entrypoint](resource);
}

/** The word for what is done: `invoke`, `deliver` …; what an outside service answers is a `return`. */
export function actionOf(entrypoint: Entrypoint | CoreEntrypoint): string {
  return entrypoint === "egress/reply" ? "return" : entrypoint.slice(entrypoint.indexOf("/") + 1);
}

/** A gateway speaks in its own lanes only: a block with a record of core's lane counts for nothing, all of it. */
export function recordLaneOf(entrypoint: Entrypoint | CoreEntrypoint): DecisionRecord["lane"] {
  const module = moduleOf(entrypoint);
  return module === "admin" || module === "audit" ? "gateway" : module;
}

function operationName({ target, operation }: Resources["rpc/invoke"]): Named {
  return { resource: `${target.id}.${operation.name}`, target: target.id };
}

function destinationName(target: Resources["egress/connect"]): Named {
  return { resource: nameDestination(target) };
}

/** `scheme://host:port`, an IPv6 host in brackets. */
export function nameDestination({ scheme, host, port }: Pick<EgressTarget, "scheme" | "host" | "port">): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
