import { styleText } from "node:util";
import type { Platform } from "../platform/platform.ts";
import { referencePlugins } from "../platform/plugins/reference-plugins.ts";
import { startPlatform } from "../platform/start-platform.ts";
import { isolationNotice } from "../terminal/isolation-notice.ts";
import { stopOnSignal, untilAborted } from "../terminal/stop-on-signal.ts";
import { tellEvent } from "../terminal/tell-event.ts";

export type UpOptions = { readonly home?: string; readonly requireIsolation?: boolean };

/** `vivified up`: starts the platform with the reference plugins, says where everything is, and runs until a signal. */
export async function up(options: UpOptions): Promise<void> {
  const stop = stopOnSignal();
  const starting = startPlatform({
    ...(options.home !== undefined && { home: options.home }),
    ...(process.env.DATABASE_URL !== undefined && { databaseUrl: process.env.DATABASE_URL }),
    isolation: options.requireIsolation ? "required" : "auto",
    onProgress: (what) => console.log(styleText("dim", `… ${what}`)),
    onEvent: tellEvent,
  });
  await using platform = await unlessStopped(starting, stop);
  if (platform !== undefined) await serve(platform, stop);
}

/** Ctrl-C reaches what is being started, too: that it fails then is no failure. */
async function unlessStopped<T>(starting: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  return starting.catch((error: unknown) => {
    if (!stop.aborted) throw error;
    return undefined;
  });
}

async function serve(platform: Platform, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  console.log(styleText("dim", "… letting the reference plugins join"));
  await Promise.race([startPlugins(platform), untilAborted(stop)]);
  if (!stop.aborted) console.log(summary(platform));
  await untilAborted(stop);
}

async function startPlugins(platform: Platform): Promise<void> {
  await Promise.all(
    referencePlugins().map(async (spec) => {
      await platform.addPlugin(spec);
      await platform.approvePlugin(spec);
    }),
  );
}

function summary(platform: Platform): string {
  const { home, apiUrl, caFile, admin, plugins, isolation } = platform;
  const curl = `curl --cacert ${quoted(caFile)} ${apiUrl}`;
  return `
${styleText("bold", "Vivified is up.")}

  API        ${apiUrl}  (certificate: ${caFile})
  admin      ${admin.username}, password in ${admin.passwordFile}
  plugins    ${[...plugins.keys()].join(", ")}
  logs       ${home.at("logs")}
  data       ${home.path}

${isolationNotice(isolation)}

Try it:
  ${curl}/health
  npm run vivified -- decisions --home ${quoted(home.path)}

Ctrl-C stops it. The next start in this directory continues with the same data.
`;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
