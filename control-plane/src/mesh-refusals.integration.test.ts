import { request } from "node:https";
import { buckets, controlPlaneWriter, pluginSpiffeId, processSpiffeId, type SpiffeId } from "@vivified/contracts";
import { assembleSvid, type Svid, type SvidSource } from "@vivified/runtime";
import { readChain } from "@vivified/runtime/audit-fixtures";
import { PemConverter, PublicKey } from "@vivified/runtime/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCsr, aKeyPair, anAuthority } from "./ca/authority.fixtures.ts";
import type { Authority } from "./ca/authority.ts";
import { readAuthority } from "./ca/authority-file.ts";
import { issueSvid } from "./ca/issue-svid.ts";
import { openDeltaStream } from "./fixtures/delta-client.ts";
import { startEchoGateway, startEchoPlugin } from "./fixtures/echo-server.ts";
import { askMesh } from "./fixtures/mesh-request.ts";
import { MeshUnderTest, type Node, trustDomain } from "./fixtures/mesh-under-test.ts";
import { aDocument } from "./snapshot/snapshot.fixtures.ts";

const newsletter = pluginSpiffeId(trustDomain, "newsletter");
const other = pluginSpiffeId(trustDomain, "other");
const gatewayId = processSpiffeId(trustDomain, "gateway");

/** An SVID from any authority for any identity, as old as wanted. */
async function anSvid(authority: Authority, spiffeId: SpiffeId, now = new Date(), ttlSeconds = 600): Promise<Svid> {
  const keys = await aKeyPair();
  const order = { spiffeId, publicKey: await PublicKey.create(keys.publicKey), now };
  const { chainPem } = await issueSvid(authority, order, { ttlSeconds, processHosts: [] });
  const keyPem = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  const svid = assembleSvid({ keyPem, chainPem, bundlePem: authority.bundle });
  if (svid === undefined) throw new Error("not an SVID");
  return svid;
}

describe("the mesh refuses", () => {
  let mesh: MeshUnderTest;
  let gateway: SvidSource;
  let node: Node;
  let authority: Authority;

  beforeAll(async () => {
    mesh = await MeshUnderTest.open();
    await mesh.startControlPlane();
    await mesh.snapshots.publish(aDocument({ newsletter: "active", other: "active" }));
    gateway = await mesh.processSvid("gateway");
    const server = await startEchoGateway(gateway, mesh.ports.gateway);
    mesh.defer(() => server.close());
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    node = await mesh.startAgent("newsletter", plugin.port);
    authority = await readAuthority(`${mesh.directory}/ca`, trustDomain);
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  describe("at a plugin's Envoy", () => {
    const dial = (svid?: Svid) =>
      askMesh(
        { port: node.meshPort, path: "/" },
        { ...(svid && { svid }), bundlePem: mesh.authority.bundle, expect: newsletter },
      );

    it("nobody who is the gateway", async () => {
      expect((await dial(gateway.current())).status).toBe(200);
      expect((await dial(await anSvid(authority, gatewayId))).status).toBe(200);
    });

    it.each<[string, () => Promise<Svid | undefined>]>([
      ["another plugin", () => anSvid(authority, other)],
      ["the plugin itself", () => anSvid(authority, newsletter)],
      ["core", () => anSvid(authority, processSpiffeId(trustDomain, "core"))],
      ["the control plane", () => anSvid(authority, processSpiffeId(trustDomain, "control-plane"))],
      ["a gateway whose SVID has expired", () => anSvid(authority, gatewayId, new Date(Date.now() - 660_000))],
      ["the gateway of another trust domain", async () => foreign("other.example")],
      ["a gateway of the same name that another root vouches for", async () => foreign(trustDomain)],
      ["nobody in particular", async () => undefined],
    ])("%s", async (_, svid) => {
      await expect(dial(await svid())).rejects.toThrow(/alert|ECONNRESET|socket hang up|EPIPE/);
    });

    async function foreign(domain: string): Promise<Svid> {
      return anSvid(await anAuthority(domain), processSpiffeId(domain, "gateway"));
    }
  });

  describe("at the CSR port", () => {
    type Problem = { readonly status: number; readonly body: Record<string, unknown> };

    async function ask(body: object, svid?: Svid): Promise<Problem> {
      const own = svid && { key: svid.keyPem, cert: svid.chainPem };
      const tls = { ca: mesh.authority.bundle, servername: "localhost", agent: false, ...own };
      const headers = { "content-type": "application/json" };
      const url = `https://127.0.0.1:${mesh.ports.csr}/v1/svid`;
      return new Promise((resolve, reject) => {
        const sent = request(url, { method: "POST", headers, ...tls }, (response) => {
          let text = "";
          response.on("data", (chunk) => (text += String(chunk)));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
        });
        sent.on("error", reject).end(JSON.stringify(body));
      });
    }
    const bare = ({ status, body: { trace_id: _, ...body } }: Problem) => ({ status, body });

    it("no good token, and answers every bad one alike", async () => {
      const csr = await aCsr();
      const token = await mesh.mintToken(newsletter);
      expect(await ask({ csr, join_token: token })).toMatchObject({ status: 200, body: { spiffe_id: newsletter } });
      const reused = bare(await ask({ csr, join_token: token }));
      expect(reused).toMatchObject({ status: 401, body: { code: "invalid_join_token" } });
      const expired = await mesh.mintToken(newsletter, 11 * 60_000);
      const unknown = token.replace(/[A-Za-z0-9]/g, "x").replace("xxxx.", "vjt1.");
      for (const bad of [expired, unknown, "nonsense", ""]) {
        expect(bare(await ask({ csr, join_token: bad }))).toEqual(reused);
      }
    });

    it("a token that two use at once, to all but one", async () => {
      const token = await mesh.mintToken(newsletter);
      const csr = await aCsr();
      const answers = await Promise.all([1, 2, 3, 4].map(() => ask({ csr, join_token: token })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    });

    it("names that a CSR asks for, and gives the caller's", async () => {
      const csr = await aCsr({ claims: [gatewayId] });
      const { body } = await ask({ csr, join_token: await mesh.mintToken(newsletter) });
      expect(body.spiffe_id).toBe(newsletter);
    });

    it("a request without a token or an SVID", async () => {
      expect(await ask({ csr: await aCsr() })).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    });

    it("to renew an SVID that another root signed, or that has expired", async () => {
      const csr = await aCsr();
      const strangers = [
        await anSvid(await anAuthority(trustDomain), newsletter),
        await anSvid(authority, newsletter, new Date(Date.now() - 660_000)),
      ];
      for (const svid of strangers) expect(await ask({ csr }, svid)).toMatchObject({ status: 401 });
      expect(await ask({ csr }, await anSvid(authority, newsletter))).toMatchObject({ status: 200 });
    });

    it("a broken CSR, and leaves its token as good as it was", async () => {
      const token = await mesh.mintToken(newsletter);
      const broken = await ask({ csr: "nonsense", join_token: token });
      expect(broken).toMatchObject({ status: 400, body: { code: "invalid_csr" } });
      expect(await ask({ csr: await aCsr(), join_token: token })).toMatchObject({ status: 200 });
    });

    it("fields that it does not know", async () => {
      const body = { csr: await aCsr(), join_token: await mesh.mintToken(newsletter), spiffe_id: gatewayId };
      expect(await ask(body)).toMatchObject({ status: 422 });
    });
  });

  describe("at ADS", () => {
    const metadata = { mesh_host: "127.0.0.1", mesh_port: 9 };
    const clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    const open = (svid: Svid | undefined, node: { id: string; metadata: object }, type_url = clusters) =>
      openDeltaStream({ port: mesh.ports.xds, bundlePem: mesh.authority.bundle, svid }, { node, type_url });

    it("nobody who is the plugin that its node id names", async () => {
      const { responses } = await open(await anSvid(authority, newsletter), { id: "newsletter~b", metadata });
      expect(responses).toMatchObject([{ type_url: clusters, resources: [{ name: "gateway" }] }]);
    });

    it.each(["other~a", "newsletter", "newsletter~", "gateway", ""])("node %j with newsletter's SVID", async (id) => {
      const { code, responses } = await open(await anSvid(authority, newsletter), { id, metadata });
      expect({ code, responses }).toEqual({ code: "PERMISSION_DENIED", responses: [] });
    });

    it("a node that does not say where its listener goes", async () => {
      const node = { id: "newsletter~a", metadata: { mesh_host: "127.0.0.1" } };
      expect(await open(await anSvid(authority, newsletter), node)).toMatchObject({ code: "PERMISSION_DENIED" });
    });

    it.each(["gateway", "core", "control-plane"] as const)("%s, which is no plugin's Envoy", async (name) => {
      const svid = await anSvid(authority, processSpiffeId(trustDomain, name));
      expect(await open(svid, { id: `${name}~a`, metadata })).toMatchObject({ code: "PERMISSION_DENIED" });
    });

    it("a type that is not served", async () => {
      const svid = await anSvid(authority, newsletter);
      const secret = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
      expect(await open(svid, { id: "newsletter~a", metadata }, secret)).toMatchObject({ code: "INVALID_ARGUMENT" });
    });

    it("to go on when the SVID of a stream expires", async () => {
      const target = { port: mesh.ports.xds, bundlePem: mesh.authority.bundle };
      const svid = await anSvid(authority, newsletter, new Date(), 2);
      const first = { node: { id: "newsletter~b", metadata }, type_url: clusters };
      const { code, responses } = await openDeltaStream({ ...target, svid }, first, "end");
      expect({ code, responses }).toEqual({ code: "UNAUTHENTICATED", responses: [expect.anything()] });
    });

    it("a client that asks for clusters and never for listeners", { timeout: 15_000 }, async () => {
      const target = { port: mesh.ports.xds, bundlePem: mesh.authority.bundle };
      const first = { node: { id: "newsletter~b", metadata }, type_url: clusters };
      const svid = await anSvid(authority, newsletter);
      expect(await openDeltaStream({ ...target, svid }, first, "end")).toMatchObject({ code: "UNAVAILABLE" });
    });

    it("more streams of one identity than its Envoys could need", { timeout: 90_000 }, async () => {
      const target = { port: mesh.ports.xds, bundlePem: mesh.authority.bundle, svid: await anSvid(authority, other) };
      const more = ["type.googleapis.com/envoy.config.listener.v3.Listener"]; // else it is ended after ten seconds
      const first = { node: { id: "other~a", metadata }, type_url: clusters, more };
      const all = Promise.withResolvers<void>();
      let answered = 0;
      const onFirstResponse = () => {
        answered += 1;
        if (answered === 64) all.resolve();
      };
      const held = Array.from({ length: 64 }, () => openDeltaStream(target, { ...first, onFirstResponse }, "end"));
      await all.promise; // another one that came before the last of them would take its place
      expect(await openDeltaStream(target, first)).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
      expect(await open(await anSvid(authority, newsletter), { id: "newsletter~b", metadata })).toMatchObject({
        code: "OK",
      });
      await Promise.all(held);
    });

    it("whoever the trust bundle does not vouch for", async () => {
      const strangers = [
        undefined,
        await anSvid(await anAuthority(trustDomain), newsletter),
        await anSvid(authority, newsletter, new Date(Date.now() - 660_000)),
      ];
      for (const svid of strangers) {
        expect(await open(svid, { id: "newsletter~a", metadata })).toMatchObject({ code: "UNAVAILABLE" });
      }
    });
  });

  it("records who served what it was told, and who said that it was another's", async () => {
    const metadata = { mesh_host: "127.0.0.1", mesh_port: 9000 };
    const type_url = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    const target = {
      port: mesh.ports.xds,
      bundlePem: mesh.authority.bundle,
      svid: await anSvid(authority, newsletter),
    };
    const taken = { node: { id: "other~taken-over", metadata }, type_url };
    expect(await openDeltaStream(target, taken)).toMatchObject({ code: "PERMISSION_DENIED" });
    const stranger = { ...target, svid: await anSvid(authority, gatewayId) };
    expect(await openDeltaStream(stranger, taken)).toMatchObject({ code: "PERMISSION_DENIED" });
    const recorded = async () =>
      (await readChain(mesh.installer, controlPlaneWriter))
        .filter((one) => one.kind === "decision")
        .map(({ caller, result, labels }) => [caller, result.effect, result.reasons[0]?.rule, labels.node]);
    await expect.poll(recorded, { timeout: 20_000 }).toEqual(
      expect.arrayContaining([
        ["newsletter", "allow", "mesh.node_serving", "newsletter~a"],
        ["newsletter", "deny", "mesh.node_refused", "other~taken-over"],
        [gatewayId, "deny", "mesh.node_refused", ""],
      ]),
    );
  });

  it("keeps join tokens as hashes", async () => {
    const token = await mesh.mintToken(newsletter);
    const { Kvm } = await import("@nats-io/kv");
    const bucket = await new Kvm(mesh.installer).open(buckets.joinTokens);
    const keys = await Array.fromAsync(await bucket.keys());
    const values = await Promise.all(keys.map(async (key) => (await bucket.get(key))?.string()));
    expect([...keys, ...values].join("\n")).not.toContain(token.split(".")[1]);
  });
});
