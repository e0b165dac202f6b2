import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { formatJoinToken, pluginSpiffeId, processSpiffeId } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinWithToken } from "./request-svid.ts";
import { type TestAuthority, testAuthority } from "./svid.fixtures.ts";
import type { Svid } from "./svid.ts";

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

describe("first contact with the token's control plane", () => {
  const plugin = pluginSpiffeId(domain, "a");
  const controlPlaneId = processSpiffeId(domain, "control-plane");
  const rootHashOf = ({ bundlePem }: TestAuthority) =>
    createHash("sha256").update(new X509Certificate(bundlePem).raw).digest("base64url");
  const sent: unknown[] = [];

  /** Answers like a control plane: its bundle, and a certificate of `issues` for whoever asks. */
  async function controlPlane(parts: { own: Svid; bundle: string; authority: TestAuthority; issues?: string }) {
    const { own, authority, issues = plugin } = parts;
    const options = { key: own.keyPem, cert: own.chainPem };
    const listening = createServer(options, async (request, response) => {
      if (request.url === "/v1/bundle") return response.end(JSON.stringify({ bundle: parts.bundle }));
      const asked = JSON.parse(await text(request));
      sent.push(asked);
      const { chainPem } = await authority.issue(issues, { csr: asked.csr });
      const expires_at = new Date().toISOString();
      const { bundlePem } = authority;
      const reply = { spiffe_id: plugin, certificate_chain: chainPem, bundle: bundlePem, expires_at };
      return response.end(JSON.stringify(reply));
    }).listen(0, "127.0.0.1");
    await once(listening, "listening");
    return listening;
  }

  async function joinAt(at: Server, rootHash: string): Promise<Svid> {
    const joinTokenFile = join(directory, "good-token");
    await writeFile(joinTokenFile, formatJoinToken({ secret: "s".repeat(43), rootHash }));
    const controlPlaneUrl = `https://127.0.0.1:${(at.address() as AddressInfo).port}`;
    try {
      return await joinWithToken({ spiffeId: plugin, controlPlaneUrl, controlPlaneId, joinTokenFile });
    } finally {
      at.closeAllConnections();
      at.close();
    }
  }

  it("gives the identity that was asked for, and refuses any other", async () => {
    const authority = await testAuthority();
    const own = await authority.issue(controlPlaneId);
    const parts = { own, bundle: authority.bundlePem, authority };
    expect((await joinAt(await controlPlane(parts), rootHashOf(authority))).spiffeId).toBe(plugin);
    const issues = pluginSpiffeId(domain, "b");
    const other = joinAt(await controlPlane({ ...parts, issues }), rootHashOf(authority));
    await expect(other).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("tells the token to nobody whom another root of the bundle vouches for", async () => {
    const [authority, rogue] = [await testAuthority(), await testAuthority()];
    const own = await rogue.issue(controlPlaneId);
    const bundle = rogue.bundlePem + authority.bundlePem;
    sent.length = 0;
    const joining = joinAt(await controlPlane({ own, bundle, authority: rogue }), rootHashOf(authority));
    await expect(joining).rejects.toThrow();
    expect(sent).toEqual([]);
  });

  it("tells the token to nobody but the control plane", async () => {
    const authority = await testAuthority();
    const own = await authority.issue(pluginSpiffeId(domain, "b"));
    sent.length = 0;
    const joining = joinAt(await controlPlane({ own, bundle: authority.bundlePem, authority }), rootHashOf(authority));
    await expect(joining).rejects.toThrow(`not ${controlPlaneId}`);
    expect(sent).toEqual([]);
  });
});
