import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/sdk";

/** An order on one line: `{"id": 1, "do": "publish", …}`. */
export type Command = { readonly id: JsonValue; readonly do: string; readonly order: JsonObject };

/** An order that cannot be carried out as it is written. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code = "malformed";
}

/** @throws CommandError */
export function readCommand(line: string): Command {
  const order = parse(line);
  if (!isJsonObject(order) || order.id === undefined) throw new CommandError("an order is a JSON object with an id");
  if (typeof order.do !== "string") throw new CommandError("an order says what to do");
  return { id: order.id, do: order.do, order };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new CommandError("an order is one line of JSON");
  }
}

/** @throws CommandError when the order does not name it */
export function text(order: JsonObject, name: string): string {
  const value = order[name];
  if (typeof value !== "string") throw new CommandError(`${name} must be a text`);
  return value;
}

export function optionalText(order: JsonObject, name: string): string | undefined {
  const value = order[name];
  return typeof value === "string" ? value : undefined;
}

export function number(order: JsonObject, name: string, fallback?: number): number {
  const value = order[name] ?? fallback;
  if (typeof value !== "number") throw new CommandError(`${name} must be a number`);
  return value;
}

export function object(order: JsonObject, name: string): JsonObject {
  const value = order[name] ?? {};
  if (!isJsonObject(value)) throw new CommandError(`${name} must be an object`);
  return value;
}

export function texts(order: JsonObject, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(object(order, name)).map(([key, value]) => [key, String(value)]));
}
