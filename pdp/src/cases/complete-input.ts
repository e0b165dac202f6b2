import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import type { CaseFile, WrittenCase } from "./case-file.ts";

/** What is not as it should be in a case, and where below it (path segments). */
export type Misfit = { readonly at: readonly (string | number)[]; readonly message: string };

export type CompletedInput = { readonly input: JsonObject; readonly misfits: readonly Misfit[] };

type Given = NonNullable<CaseFile["given"]>;
type Kind = keyof Given;

/**
 * The whole input that a case asks with: names replaced by what was given, and what every question has filled in. Cases
 * that name their whole `input` have it as it is.
 */
export function completeInput(written: WrittenCase, given: Given = {}): CompletedInput {
  if (written.input !== undefined) return { input: written.input as JsonObject, misfits: strayMembers(written) };
  const misfits: Misfit[] = [];
  const named = (kind: Kind, value: unknown, at: Misfit["at"]): JsonValue => {
    if (typeof value !== "string") return value as JsonValue;
    const found = given[kind];
    if (found !== undefined && Object.hasOwn(found, value)) return found[value] as JsonValue;
    misfits.push({ at, message: `there is no ${value} in given.${kind}` });
    return null;
  };
  const subject = named("principals", written.subject, ["subject"]);
  const resource = withSubscriber(named("resources", written.resource, ["resource"]), named);
  const fields = (written.fields ?? []).map((field, index) => named("fields", field, ["fields", index]));
  return { input: { ...present({ subject, resource }), ...payloadOf(written, fields) }, misfits };
}

const aboutPayload = ["grant", "fields", "attributes"] as const;

/** Questions about people have no payload, so nothing is filled in for them. */
function payloadOf({ ask, grant, attributes, fields: written }: WrittenCase, fields: JsonValue[]): JsonObject {
  const granted = present({ grant: grant === undefined ? undefined : { id: grant } });
  if (ask === "admin/access") {
    return { ...granted, ...present({ fields: written && fields, attributes: attributes as JsonObject | undefined }) };
  }
  return { ...granted, fields, attributes: (attributes ?? {}) as JsonObject };
}

type Named = (kind: Kind, value: unknown, at: Misfit["at"]) => JsonValue;

function withSubscriber(resource: JsonValue, named: Named): JsonValue {
  if (!isJsonObject(resource) || typeof resource.subscriber !== "string") return resource;
  return { ...resource, subscriber: named("principals", resource.subscriber, ["resource", "subscriber"]) };
}

function strayMembers(written: WrittenCase): Misfit[] {
  const stray = (["subject", "resource", ...aboutPayload] as const).filter((name) => written[name] !== undefined);
  return stray.map((at) => ({ at: [at], message: `${at} has no place beside input, which is the whole question` }));
}

function present(members: { readonly [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
