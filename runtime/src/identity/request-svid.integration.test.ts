import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatJoinToken, pluginSpiffeId, processSpiffeId } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinWithToken } from "./request-svid.ts";
import { testAuthority } from "./svid.fixtures.ts";

const domain = "vivified.local";
let directory: string;
let server: Server;
let bundle = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-join-"));
  const stranger = await (await testAuthority()).issue(processSpiffeId(domain, "control-plane"));
  const options = { key: stranger.keyPem, cert: stranger.chainPem };
  server = createServer(options, (_request, response) => response.end(JSON.stringify({ bundle }))).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

async function joining(): Promise<unknown> {
  const joinTokenFile = join(directory, "token");
  const secret = "s".repeat(43);
  await writeFile(joinTokenFile, formatJoinToken({ secret, rootHash: "h".repeat(43) }));
  return joinWithToken({
    spiffeId: pluginSpiffeId(domain, "a"),
    controlPlaneUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    controlPlaneId: processSpiffeId(domain, "control-plane"),
    joinTokenFile,
  });
}

describe("first contact with somebody who is not the token's control plane", () => {
  it("ends when it has another root", async () => {
    bundle = (await testAuthority()).bundlePem;
    await expect(joining()).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("ends when it talks without end", async () => {
    bundle = "x".repeat(1024 * 1024);
    await expect(joining()).rejects.toThrow(/max size/i);
  });
});
