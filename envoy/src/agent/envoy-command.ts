import { existsSync } from "node:fs";
import type { LogLevel } from "@vivified/runtime";

export type EnvoyCommand = { readonly file: string; readonly args: readonly string[] };

const setprivPaths = ["/usr/bin/setpriv", "/bin/setpriv"];

/**
 * How Envoy is started: one worker, no hot restart (so no shared memory is left behind), one log line per message as
 * JSON. `setpriv`, where there is one, has the kernel kill it when the agent dies, however it dies.
 */
export function envoyCommand(envoy: string, logLevel: LogLevel, find = existsSync): EnvoyCommand {
  const args = [
    ...["--config-path", "bootstrap.json"],
    ...["--concurrency", "1"],
    "--disable-hot-restart",
    ...["--drain-time-s", "5"],
    ...["--log-level", envoyLogLevel(logLevel)],
    ...["--log-format", '{"level":"%l","time":"%Y-%m-%dT%T.%e","process":"envoy","logger":"%n","msg":"%j"}'],
  ];
  const setpriv = setprivPaths.find((path) => find(path));
  if (setpriv === undefined) return { file: envoy, args };
  return { file: setpriv, args: ["--pdeathsig", "KILL", "--", envoy, ...args] };
}

/** Envoy's `info` tells its start in fifty lines. */
function envoyLogLevel(level: LogLevel): string {
  if (level === "debug" || level === "trace") return level;
  return level === "error" || level === "fatal" || level === "silent" ? "error" : "warning";
}
