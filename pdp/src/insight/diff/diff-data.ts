import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";

/** A value that differs, by JSON Pointer (RFC 6901); `from` is absent for what is new, `to` for what is gone. */
export type DataChange = { readonly path: string; readonly from?: JsonValue; readonly to?: JsonValue };

/** Where two documents differ, as deep as both are objects; lists are compared whole. */
export function diffData(from: JsonObject, to: JsonObject, path = ""): readonly DataChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names.flatMap((name) => changesAt(`${path}/${escaped(name)}`, member(from, name), member(to, name)));
}

function changesAt(path: string, from: JsonValue | undefined, to: JsonValue | undefined): readonly DataChange[] {
  if (isJsonObject(from) && isJsonObject(to)) return diffData(from, to, path);
  if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return [];
  if (from === undefined && to === undefined) return [];
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

const member = (object: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
