export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Structured lines with a constant message. Never payloads, headers or tokens: ids, codes and durations. */
export type Log = {
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
};

/** One JSON object per line. */
export function createLog(plugin: string, write: (line: string) => void): Log {
  const at =
    (level: string) =>
    (msg: string, fields: LogFields = {}) =>
      write(`${JSON.stringify({ level, time: new Date().toISOString(), plugin, msg, ...fields })}\n`);
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** What may be logged of an error: its kind and code, and where it came from; its message may hold payload. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const decisionId = "decisionId" in error && typeof error.decisionId === "string" ? error.decisionId : undefined;
  const at = error.stack?.split("\n").find((line) => line.startsWith("    at "));
  return { error: error.name, code, decision_id: decisionId, at: at?.trim() };
}
