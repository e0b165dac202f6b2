import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { provisionNats } from "@vivified/runtime";
import { layWire, startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snapshotStream } from "./stream-snapshot.ts";

const stack = new AsyncDisposableStack();
let nats: TestNats;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-snapshot-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  nats = stack.use(await startTestNats());
  await using connection = await nats.connect("installer");
  await provisionNats(connection);
  const stream = jetstream(connection);
  for (let nth = 0; nth < 20; nth += 1) await stream.publish("audit.blocks.large", randomBytes(900_000));
});
afterAll(() => stack.disposeAsync());

describe("a snapshot of a stream", () => {
  it("is none when the server goes away over it, and ends", async () => {
    await using wire = await layWire(nats.port);
    wire.slow(20);
    await using connection = await nats.connect("backup", wire.port);
    const file = join(directory, "broken");
    const keeper = { nats: connection, user: nats.user, patienceMs: 2_000 };
    const taken = snapshotStream(keeper, auditEventsStream.name, file);
    const failed = expect(taken).rejects.toMatchObject({ code: "audit_unavailable" });
    await expect.poll(async () => (await stat(file).catch(() => undefined))?.size ?? 0).toBeGreaterThan(0);
    await nats.kill();
    await nats.start();
    await failed;
    expect((await stat(file)).size).toBeLessThan(20 * 900_000);
  });
});
