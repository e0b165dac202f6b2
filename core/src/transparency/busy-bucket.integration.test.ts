import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { someEntries } from "@vivified/tlog/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyLog } from "./copy-log.ts";
import { growLog } from "./grow-log.ts";
import { logIdentity } from "./log-identity.ts";
import { type S3Settings, s3Storage } from "./log-storage.s3.ts";
import { startS3, type TestS3 } from "./s3-server.fixtures.ts";
import { MemoryStorage } from "./storage.fixtures.ts";

const stack = new AsyncDisposableStack();
let server: TestS3;
beforeAll(async () => {
  server = stack.use(await startS3());
});
afterAll(() => stack.disposeAsync());

const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const identity = logIdentity(pem, "example.org");
const entries = someEntries(600).map((entry) => Buffer.from(entry));

/** The real server, behind one that says these instead of every third answer; what was asked is done all the same. */
async function behindBusy(statuses: readonly number[]): Promise<S3Settings> {
  const target = new URL(server.settings.url);
  let asked = 0;
  const busy = createServer((incoming, outgoing) => {
    asked += 1;
    const status = asked % 3 === 0 ? statuses[(asked / 3) % statuses.length] : undefined;
    const { method, headers, url: path } = incoming;
    const onward = request({ ...{ method, headers, path }, port: target.port, host: target.hostname }, (answer) => {
      outgoing.writeHead(status ?? answer.statusCode ?? 0);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(busy, "listening");
  stack.defer(() => void busy.close());
  const url = new URL(server.settings.url);
  url.port = String((busy.address() as AddressInfo).port);
  return { ...server.settings, url: url.href };
}

describe("a bucket whose server says now and then that it is busy", () => {
  it.each([[[503]], [[409, 429, 500]]])("is asked again (%j): a log is written there, and copied", async (statuses) => {
    const { url, ...settings } = await behindBusy(statuses);
    const storage = s3Storage({ ...settings, url: `${url}/${statuses.join("-")}` });
    const grown = await growLog(undefined, entries, { identity, storage });
    const copy = new MemoryStorage();
    await copyLog(grown.size, storage, copy);
    const whole = new MemoryStorage();
    expect(await growLog(undefined, entries, { identity, storage: whole })).toEqual(grown);
    expect(copy.files).toEqual(whole.files);
  });
});
