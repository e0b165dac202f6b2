import { type Logger, pino } from "pino";

export type { Logger };
export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The process's logger: one JSON object a line on stdout, constant messages, named fields. Headers and bodies are never
 * logged; what looks like a credential is redacted all the same.
 */
export function createLogger(options: { process: string; level?: LogLevel }): Logger {
  return pino({
    level: options.level ?? "info",
    base: { process: options.process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ["password", "token", "secret", "*.password", "*.token", "*.secret"], censor: "[secret]" },
  });
}
