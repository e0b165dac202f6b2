import { createInterface } from "node:readline";
import { type Client, errorFields, inNewTrace, type JsonObject, type JsonValue, LaneError } from "@vivified/sdk";
import type { ReceivedEvents } from "../received-events.ts";
import { type Command, CommandError, readCommand } from "./command.ts";
import { dial } from "./dial.ts";
import { fetchDirectly } from "./fetch-directly.ts";
import { listDir, readFileText } from "./files.ts";
import { call, proxy, publish } from "./lanes.ts";
import { raw } from "./raw.ts";
import { whoAmI } from "./who-am-i.ts";

export type PuppetDeps = {
  readonly client: Pick<Client, "publishEvent" | "callPlugin" | "callExternal">;
  readonly events: ReceivedEvents;
  readonly laneUrl: string;
};

type Deed = (order: JsonObject, deps: PuppetDeps) => Promise<JsonValue>;

/** Everything that the plugin can be made to try. */
const deeds: ReadonlyMap<string, Deed> = new Map<string, Deed>([
  ["publish", publish],
  ["call", call],
  ["proxy", proxy],
  ["raw", raw],
  ["dial", dial],
  ["fetch", fetchDirectly],
  ["read-file", readFileText],
  ["list-dir", listDir],
  ["whoami", whoAmI],
  ["received", async (_order, { events }) => events.all().map((event) => ({ ...event }))],
]);

/**
 * Takes orders from stdin, a JSON object a line, and answers on stdout with one line for each, in the order in which they
 * are done: `{id, trace_id, ok}` or `{id, trace_id, error}`. Nothing else is ever written to stdout.
 */
export function startPuppet(deps: PuppetDeps): AsyncDisposable {
  const lines = createInterface({ input: process.stdin });
  lines.on(
    "line",
    (line) => void answer(line, deps).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`)),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      lines.close();
      process.stdin.destroy();
    },
  };
}

export async function answer(line: string, deps: PuppetDeps): Promise<JsonObject> {
  let command: Command;
  try {
    command = readCommand(line);
  } catch (error) {
    return { id: null, error: explain(error) };
  }
  return inNewTrace(async ({ traceId: trace_id }) => {
    const { id } = command;
    return obey(command, deps).then(
      (ok) => ({ id, trace_id, ok }),
      (error: unknown) => ({ id, trace_id, error: explain(error) }),
    );
  });
}

async function obey({ do: name, order }: Command, deps: PuppetDeps): Promise<JsonValue> {
  const deed = deeds.get(name);
  if (deed === undefined) throw new CommandError(`there is nothing called ${name} to do`);
  return deed(order, deps);
}

/** An error as the puppet's master gets to see it: a platform's no with everything that it says. */
function explain(error: unknown): JsonObject {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message } = error;
  if (!(error instanceof LaneError)) return { name, message, code: errorFields(error).code?.toString() ?? null };
  const { code, status, origin, retryable, reasons } = error;
  const decision_id = error.decisionId ?? null;
  const said = { executed: error.executed ?? false, trace_id: error.traceId ?? null, decision_id };
  return { name, message, code, status, origin, retryable, reasons: reasons.map((reason) => ({ ...reason })), ...said };
}
