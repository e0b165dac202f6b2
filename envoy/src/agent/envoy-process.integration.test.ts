import { once } from "node:events";
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@vivified/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EnvoyProcess } from "./envoy-process.ts";

describe("EnvoyProcess", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), `vivified-${"long-".repeat(30)}`));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const logger = createLogger({ process: "test", level: "silent" });
  const start = (script: string) =>
    new EnvoyProcess({ command: { file: "/bin/sh", args: ["-c", script] }, directory, logger });

  it("starts what ended again", async () => {
    await using envoy = start("echo . >> starts; exit 1");
    const first = envoy.pid;
    await expect.poll(() => envoy.pid, { timeout: 3_000 }).not.toBe(first);
  });

  it("goes on when the binary is missing", async () => {
    await using envoy = new EnvoyProcess({ command: { file: "/nowhere/envoy", args: [] }, directory, logger });
    expect(envoy.pid).toBeUndefined();
  });

  it("ends one that does not want to", { timeout: 15_000 }, async () => {
    const envoy = start('trap "" TERM; touch stubborn; while true; do sleep 0.1; done');
    await expect.poll(() => readdir(directory)).toContain("stubborn");
    const { pid = 0 } = envoy;
    await envoy[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it("waits for an admin socket below a path that is longer than a socket's may be", async () => {
    await using envoy = start("exec sleep 100");
    const serving = envoy.untilServing();
    let asked = 0;
    const admin = createServer((request, response) => {
      asked += 1;
      response.statusCode = asked > 2 ? 200 : 503;
      response.end(request.url === "/ready" ? "LIVE" : "http.lanes.rds.lanes.update_success: 1\n");
    });
    const handle = await open(directory);
    admin.listen(join(`/proc/self/fd/${handle.fd}`, "admin.sock"));
    await once(admin, "listening");
    await serving;
    admin.close();
    await handle.close();
    expect(asked).toBeGreaterThanOrEqual(4);
  });

  it("stops waiting when it is stopped", async () => {
    const envoy = start("exec sleep 100");
    const serving = envoy.untilServing();
    const rejected = expect(serving).rejects.toThrow(/abort/i);
    await envoy[Symbol.asyncDispose]();
    await rejected;
  });
});
