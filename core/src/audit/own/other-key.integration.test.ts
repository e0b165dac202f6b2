import { generateKeyPairSync } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { createLogger, type NatsConnection } from "@vivified/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, type TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { Database } from "../../database/open-database.ts";
import { ownRecords } from "./own-records.postgres.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let db: Database["db"];

beforeAll(async () => {
  ({ ground, core, nats } = stack.use(await openCoreSuite()));
  const logger = createLogger({ process: "test", level: "silent" });
  ({ db } = stack.use(new Database({ url: String(ground.env.VIVIFIED_CORE_DATABASE_URL), logger })));
});
afterAll(() => stack.disposeAsync());

const blocks = async () => {
  const { streams } = await jetstreamManager(nats);
  return (await streams.info(auditEventsStream.name)).state.messages;
};
const waiting = () => ownRecords(db).waiting(1_000);

async function writeKeys(keys: object): Promise<void> {
  const file = String(ground.env.VIVIFIED_CORE_PROCESS_KEYS_FILE);
  await writeFile(`${file}.next`, JSON.stringify(keys));
  await rename(`${file}.next`, file);
}

it("is written no block with while the file of keys names another, and all of it once it names core's again", async () => {
  await eventually(async () => (await waiting()).length).toBe(0);
  const keys = JSON.parse(await readFile(String(ground.env.VIVIFIED_CORE_PROCESS_KEYS_FILE), "utf8"));
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  await writeFile(
    String(ground.env.VIVIFIED_CORE_PROCESS_KEY_FILE),
    privateKey.export({ type: "pkcs8", format: "pem" }),
  ); // for the next start
  await writeKeys({ ...keys, core: [publicKey.export({ type: "spki", format: "pem" })] });
  const before = await blocks();
  await core.logIn();
  await sleep(3_000);
  expect(await blocks()).toBe(before);
  await writeKeys(keys);
  await eventually(async () => (await waiting()).length).toBe(0);
  expect(await blocks()).toBeLessThan(before + 10);
});
