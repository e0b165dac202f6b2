import { readFile } from "node:fs/promises";
import { VivifiedError } from "@vivified/runtime";
import { Agent } from "undici";
import { opaReceiver } from "./opa-receiver.ts";
import { otlpReceiver } from "./otlp-receiver.ts";
import type { PushHttp } from "./post-chunk.ts";
import type { PushSettings } from "./push-settings.ts";
import type { Receiver } from "./receiver.ts";

type Settings = PushSettings & { readonly devMode: boolean };
type Place = {
  readonly name: string;
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly open: (http: PushHttp) => Receiver;
};

/**
 * The receivers that are configured.
 *
 * @throws VivifiedError `invalid_config` for a URL that is none, or records that would travel in the clear outside dev mode
 */
export async function openReceivers(settings: Settings, stack: AsyncDisposableStack): Promise<readonly Receiver[]> {
  const receivers: Receiver[] = [];
  for (const place of placesOf(settings)) {
    if (place.url !== undefined) receivers.push(place.open(await httpOf(place.url, place, { settings, stack })));
  }
  return receivers;
}

function placesOf(settings: Settings): readonly Place[] {
  const { auditPushOpaMaxBytes, auditPushOtlpMaxBytes } = settings;
  return [
    {
      name: "AUDIT_PUSH_OPA_URL",
      url: settings.auditPushOpaUrl,
      tokenFile: settings.auditPushOpaTokenFile,
      caFile: settings.auditPushOpaCaFile,
      open: (http) => opaReceiver(http, auditPushOpaMaxBytes),
    },
    {
      name: "AUDIT_PUSH_OTLP_URL",
      url: settings.auditPushOtlpUrl,
      tokenFile: settings.auditPushOtlpTokenFile,
      caFile: settings.auditPushOtlpCaFile,
      open: (http) => otlpReceiver(http, auditPushOtlpMaxBytes),
    },
  ];
}

async function httpOf(
  text: string,
  { name, tokenFile, caFile }: Place,
  { settings, stack }: { readonly settings: Settings; readonly stack: AsyncDisposableStack },
): Promise<PushHttp> {
  const url = soundUrl(text, name, settings);
  const { auditPushTimeoutMs: timeoutMs } = settings;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
  const dispatcher = new Agent({ connections: 1, connect: { ...ca, timeout: timeoutMs } });
  stack.defer(() => dispatcher.destroy());
  return { url, dispatcher, timeoutMs, ...(tokenFile !== undefined && { tokenFile }) };
}

function soundUrl(text: string, name: string, { devMode }: Settings): URL {
  const url = URL.parse(text);
  const invalid = (why: string) => new VivifiedError("invalid_config", { detail: `${name}: ${why}` });
  if (url === null || !["http:", "https:"].includes(url.protocol)) throw invalid("it is neither http nor https");
  if (url.username !== "" || url.password !== "") throw invalid("credentials come by its token file");
  if (url.protocol === "http:" && !devMode) throw invalid("records go over https alone");
  return url;
}
