import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpServer, createLogger } from "@vivified/runtime";
import { request } from "undici";
import { afterAll, describe, expect, it } from "vitest";
import { decisionOf } from "../block.fixtures.ts";
import type { DecisionStore, KeptDecision } from "../decision-store.ts";
import { exportLines } from "./export-lines.ts";

/** A log of so many pages of large records, which counts how often it is asked. */
function logOf(pages: number, failAt = Number.POSITIVE_INFINITY) {
  let asked = 0;
  const search: DecisionStore["search"] = async (_, limit) => {
    asked += 1;
    if (asked === failAt) throw new Error("the database went away");
    const size = asked > pages ? 0 : limit;
    return Array.from({ length: size }, () => ({ record: decisionOf({ path: "x".repeat(2_000) }) }) as KeptDecision);
  };
  return { search, asked: () => asked };
}

const servers: AsyncDisposableStack = new AsyncDisposableStack();
afterAll(() => servers.disposeAsync());

async function serve(log: ReturnType<typeof logOf>): Promise<string> {
  const server = createHttpServer({ logger: createLogger({ process: "test", level: "silent" }) });
  servers.defer(() => server.close());
  server.get("/export", async (_, reply) =>
    reply
      .type("application/x-ndjson")
      .send(Readable.from(exportLines({ format: "ndjson", filter: {} }, log), { objectMode: false })),
  );
  return server.listen({ host: "127.0.0.1", port: 0 });
}

describe("the lines of an export", () => {
  it("ask for the next page when the last one was taken, and for none behind the end", async () => {
    const log = logOf(2);
    const lines = exportLines({ format: "csv", filter: {} }, log);
    expect((await lines.next()).value).toMatch(/^"timestamp","decision_id",/);
    expect(log.asked()).toBe(0);
    await lines.next();
    expect(log.asked()).toBe(1);
    let more = 0;
    for await (const _ of lines) more += 1;
    expect({ more, asked: log.asked() }).toEqual({ more: 1, asked: 3 });
  });

  it("wait for a reader that does not read, however long the log is", async () => {
    const log = logOf(1_000);
    const { body } = await request(`${await serve(log)}/export`);
    await expect.poll(() => log.asked()).toBeGreaterThan(0);
    let before = -1;
    while (before !== log.asked()) {
      before = log.asked();
      await sleep(250);
    }
    expect(before).toBeLessThan(100);
    body.destroy();
    body.on("error", () => undefined);
  });

  it("break off the answer when the database goes away, so that no part passes for the whole", async () => {
    const { statusCode, body } = await request(`${await serve(logOf(10, 3))}/export`);
    expect(statusCode).toBe(200);
    await expect(body.text()).rejects.toThrow();
  });
});
