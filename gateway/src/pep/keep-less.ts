import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";

/** One value that is not kept as it was: gone, or something else in its place. `pointer` is a JSON Pointer (RFC 6901). */
export type Lessening = { readonly kind: "erased" | "masked"; readonly pointer: string; readonly was: JsonValue };

/** Where `after` shows less than `before`, place by place. */
export function lesseningsOf(before: JsonObject, after: JsonObject, at: string): Lessening[] {
  return Object.entries(before).flatMap(([name, was]): Lessening[] => {
    const pointer = `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    if (now === undefined) return [{ kind: "erased", pointer, was }];
    if (isJsonObject(was) && isJsonObject(now)) return lesseningsOf(was, now, pointer);
    return now === was ? [] : [{ kind: "masked", pointer, was }];
  });
}

/** `whole` with what `before` holds of it replaced by what `after` says; the rest of it stays. */
export function withLess(whole: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const members = Object.entries(whole).flatMap(([name, member]): [string, JsonValue][] => {
    const [was, now] = [memberOf(before, name), memberOf(after, name)];
    if (was === undefined) return [[name, member]];
    if (now === undefined) return [];
    const inside = isJsonObject(member) && isJsonObject(was) && isJsonObject(now);
    return [[name, inside ? withLess(member, was, now) : now]];
  });
  return Object.fromEntries(members);
}

const memberOf = (object: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
