import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Secret, VivifiedError } from "@vivified/runtime";
import { AwsV4Signer } from "aws4fetch";
import { type Dispatcher, request } from "undici";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";

/** A bucket of any S3 server that knows conditional writes (`If-None-Match`). */
export type S3Settings = {
  /** `https://host[:port]/bucket[/prefix]`, path style */
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly dispatcher?: Dispatcher;
};

type Ask = {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: Uint8Array;
  readonly once?: boolean;
};
type Answer = { readonly status: number; readonly body: Uint8Array };

const timeoutMs = 30_000;

/** Objects below a prefix of a bucket. A put is durable once the server has said so. */
export function s3Storage(settings: S3Settings): LogStorage {
  const read = async (path: string) => {
    const answer = await ask({ method: "GET", path }, settings);
    return answer.status === 404 ? undefined : expected(answer, path).body;
  };
  const putOnce = async (path: string, bytes: Uint8Array) => {
    const answer = await ask({ method: "PUT", path, body: bytes, once: true }, settings);
    if (answer.status !== 412) return void expected(answer, path);
    const there = await read(path);
    if (there !== undefined && Buffer.compare(there, bytes) === 0) return;
    throw logInconsistency(`${path} is there already, with other content`);
  };
  const replace = async (path: string, bytes: Uint8Array) => {
    expected(await ask({ method: "PUT", path, body: bytes }, settings), path);
  };
  const remove = async (path: string) => {
    const answer = await ask({ method: "DELETE", path }, settings);
    if (answer.status !== 404) expected(answer, path);
  };
  return { read, putOnce, replace, remove };
}

/** Servers under load say these, and want to be asked again. 409 is a conditional write beside another one of the same name. */
const busy = new Set([409, 429, 500, 502, 503, 504]);
const restsMs = [100, 400, 1_600];

/**
 * Every question may be asked twice: what was put once stays, and what was put under the condition is compared. All
 * attempts have the time of one.
 */
async function ask(asked: Ask, settings: S3Settings): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (const restMs of restsMs) {
    const answer = await askOnce(asked, settings, signal);
    if (!busy.has(answer.status)) return answer;
    await sleep(restMs, undefined, { signal });
  }
  return askOnce(asked, settings, signal);
}

async function askOnce({ method, path, body, once }: Ask, settings: S3Settings, signal: AbortSignal): Promise<Answer> {
  const { accessKeyId, secretAccessKey, region, dispatcher } = settings;
  const signer = new AwsV4Signer({
    method,
    url: `${settings.url.replace(/\/+$/, "")}/${path}`,
    headers: {
      "x-amz-content-sha256": createHash("sha256")
        .update(body ?? "")
        .digest("hex"),
      ...(once && { "if-none-match": "*" }),
    },
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    service: "s3",
    region,
    allHeaders: true, // the condition is signed, too
  });
  const { url, headers } = await signer.sign();
  const reply = await request(url, {
    method,
    headers: Object.fromEntries(headers),
    body: body ?? null,
    signal,
    ...(dispatcher && { dispatcher }),
  });
  return { status: reply.statusCode, body: new Uint8Array(await reply.body.arrayBuffer()) };
}

/** @throws VivifiedError `upstream_failed` for anything but success; what went wrong is said by the server */
function expected(answer: Answer, path: string): Answer {
  if (answer.status === 200 || answer.status === 204) return answer;
  const said = Buffer.from(answer.body).toString().slice(0, 500);
  throw new VivifiedError("upstream_failed", {
    detail: `S3 answered ${answer.status} for ${path}`,
    cause: new Error(said),
  });
}
