import { styleText } from "node:util";
import type { Platform } from "../platform/platform.ts";
import { referencePlugins } from "../platform/plugins/reference-plugins.ts";
import { startPlatform } from "../platform/start-platform.ts";
import { isolationNotice } from "../terminal/isolation-notice.ts";
import { tellEvent } from "../terminal/tell-event.ts";
import { untilSignal } from "../terminal/until-signal.ts";

export type UpOptions = { readonly home?: string; readonly requireIsolation?: boolean };

/** `vivified up`: starts the platform with the reference plugins, says where everything is, and runs until a signal. */
export async function up(options: UpOptions): Promise<void> {
  const stopped = untilSignal();
  const starting = startPlatform({
    ...(options.home !== undefined && { home: options.home }),
    ...(process.env.DATABASE_URL !== undefined && { databaseUrl: process.env.DATABASE_URL }),
    isolation: options.requireIsolation ? "required" : "auto",
    onProgress: (what) => console.log(styleText("dim", `… ${what}`)),
    onEvent: tellEvent,
  });
  await using platform = await starting;
  console.log(styleText("dim", "… letting the reference plugins join"));
  const added = await Promise.race([startPlugins(platform), stopped]);
  if (added === undefined) console.log(summary(platform));
  await stopped;
  console.log(styleText("dim", "… stopping"));
}

async function startPlugins(platform: Platform): Promise<undefined> {
  await Promise.all(
    referencePlugins().map(async (spec) => {
      await platform.addPlugin(spec);
      await platform.approvePlugin(spec);
    }),
  );
}

function summary(platform: Platform): string {
  const { home, apiUrl, caFile, admin, plugins, isolation } = platform;
  const curl = `curl --cacert ${caFile} ${apiUrl}`;
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
  npm run vivified -- decisions --home ${home.path}

Ctrl-C stops it. The next start in this directory continues with the same data.
`;
}
