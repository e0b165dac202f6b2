import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { Type } from "typebox";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VivifiedError } from "../errors/vivified-error.ts";
import { meshDispatcher } from "../identity/mesh-dispatcher.ts";
import { heldSvid, type TestAuthority, testAuthority } from "../identity/svid.fixtures.ts";
import { createLogger } from "../telemetry/logger.ts";
import { createHttpServer, type HttpServer } from "./create-http-server.ts";

const logger = createLogger({ process: "test", level: "silent" });
const gateway = "spiffe://vivified.local/gateway";
const stack = new AsyncDisposableStack();
let authority: TestAuthority;
let server: HttpServer;
let source: ReturnType<typeof heldSvid>;
let url: URL;

beforeAll(async () => {
  authority = await testAuthority();
  source = heldSvid(await authority.issue(gateway));
  server = createHttpServer({ logger, tls: { svid: source, clientCertificates: "required" } });
  server.get("/who", (req) => ({ id: req.peer?.id, trace: req.trace.traceId }));
  const body = Type.Object({ name: Type.String(), size: Type.Integer() }, { additionalProperties: false });
  server.get("/limited", () => {
    throw new VivifiedError("rate_limited", { retryAfterSeconds: 42 });
  });
  server.post("/things", { schema: { body } }, (req) => req.body);
  url = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  stack.defer(() => server.close());
});

afterAll(() => stack.disposeAsync());

async function client(options: { as?: string; notAfter?: Date; alsoUris?: string[]; of?: TestAuthority } = {}) {
  const issued = { ...(options.notAfter && { notAfter: options.notAfter }), alsoUris: options.alsoUris ?? [] };
  const own = await (options.of ?? authority).issue(options.as ?? "spiffe://vivified.local/plugin/a", issued);
  const trusting = { ...own, bundlePem: authority.bundlePem };
  const mesh = meshDispatcher({ svid: heldSvid(trusting), expect: source.current().spiffeId });
  stack.use(mesh);
  return mesh.dispatcher;
}

const post = async (text: string, contentType = "application/json") => {
  const dispatcher = await client();
  const headers = { "content-type": contentType };
  const reply = await request(new URL("/things", url), { method: "POST", headers, body: text, dispatcher });
  return { status: reply.statusCode, type: reply.headers["content-type"], body: await reply.body.json() };
};

/** A TLS connection that is kept open. */
async function dial(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = tlsConnect({ rejectUnauthorized: false, port: Number(url.port), ...options });
  stack.defer(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

describe("an HTTP server of ours", () => {
  it("serves a caller whose SVID is renewed in time for ever, over connections that end before their leaf", async () => {
    const lifeMs = 2_000;
    const leaf = () =>
      authority.issue("spiffe://vivified.local/plugin/a", { notAfter: new Date(Date.now() + 1_000 + lifeMs) });
    const own = heldSvid(await leaf());
    const mesh = stack.use(meshDispatcher({ svid: own, expect: source.current().spiffeId }));
    const endMs = Date.now() + 3 * lifeMs;
    for (let renewMs = Date.now() + lifeMs / 2; Date.now() < endMs; ) {
      if (Date.now() > renewMs) {
        own.renew(await leaf());
        renewMs += lifeMs / 2;
      }
      const { statusCode, body } = await request(new URL("/who", url), { dispatcher: mesh.dispatcher });
      await body.dump();
      expect(statusCode).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, 15_000);

  it("knows its caller by the SPIFFE ID of the certificate", async () => {
    const reply = await request(new URL("/who", url), { dispatcher: await client() });
    expect(await reply.body.json()).toMatchObject({ id: "spiffe://vivified.local/plugin/a" });
  });

  it("continues the caller's trace and ignores a malformed one", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const dispatcher = await client();
    const trace = async (header: string) => {
      const reply = await request(new URL("/who", url), { dispatcher, headers: { traceparent: header } });
      return ((await reply.body.json()) as { trace: string }).trace;
    };
    expect(await trace(traceparent)).toBe("0af7651916cd43dd8448eb211c80319c");
    expect(await trace(`${traceparent}-x`)).toMatch(/^[0-9a-f]{32}$/);
    expect(await trace(`${traceparent}-x`)).not.toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("refuses a client without a certificate, with an expired one, and one of another authority", async () => {
    const anonymous = new Agent({ connect: { rejectUnauthorized: false } });
    stack.defer(() => anonymous.destroy());
    const strangers = [
      anonymous,
      await client({ notAfter: new Date(Date.now() - 1_000) }),
      await client({ of: await testAuthority() }),
    ];
    for (const dispatcher of strangers) {
      await expect(request(new URL("/who", url), { dispatcher })).rejects.toThrow();
    }
  });

  it("sees nobody in a certificate with two identities", async () => {
    const dispatcher = await client({ alsoUris: ["spiffe://vivified.local/core"] });
    const reply = await request(new URL("/who", url), { dispatcher });
    expect(await reply.body.json()).not.toHaveProperty("id");
  });

  it("refuses the requests of a certificate that expires while its connection is open", async () => {
    const notAfter = new Date(Date.now() + 2_000);
    const { keyPem, chainPem } = await authority.issue("spiffe://vivified.local/plugin/a", { notAfter });
    const socket = await dial({ key: keyPem, cert: chainPem });
    const statusOf = async () => {
      socket.write("GET /who HTTP/1.1\r\nhost: vivified\r\n\r\n");
      const [answer] = await once(socket, "data");
      return String(answer).split(" ")[1];
    };
    expect(await statusOf()).toBe("200");
    await new Promise((resolve) => setTimeout(resolve, notAfter.getTime() - Date.now() + 1_100));
    expect(await statusOf()).toBe("401");
  });

  it("speaks TLS 1.3 and nothing older, on both sides", async () => {
    const { keyPem: key, chainPem: cert } = await authority.issue("spiffe://vivified.local/plugin/a");
    await expect(dial({ key, cert, maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
    const own = await authority.issue(gateway);
    const old = createHttps({ key: own.keyPem, cert: own.chainPem, maxVersion: "TLSv1.2" }, (_, reply) => reply.end());
    old.listen(0, "127.0.0.1");
    await once(old, "listening");
    stack.defer(() => void old.close());
    const port = (old.address() as AddressInfo).port;
    const answer = request(`https://127.0.0.1:${port}/`, { dispatcher: await client() });
    await expect(answer).rejects.toThrow(/protocol version/);
  });

  it("resumes no session, whose certificate nobody would look at again", async () => {
    const { keyPem: key, chainPem: cert } = await authority.issue("spiffe://vivified.local/plugin/a");
    const sessions: Buffer[] = [];
    const first = await dial({ key, cert });
    first.on("session", (session) => sessions.push(session));
    first.write("GET /who HTTP/1.1\r\nhost: vivified\r\n\r\n");
    await once(first, "data");
    for (const session of sessions) expect((await dial({ key, cert, session })).isSessionReused()).toBe(false);
  });

  it("is not answered when the server is someone else than expected", async () => {
    const own = await authority.issue("spiffe://vivified.local/plugin/a");
    const mesh = meshDispatcher({ svid: heldSvid(own), expect: own.spiffeId });
    stack.use(mesh);
    await expect(request(new URL("/who", url), { dispatcher: mesh.dispatcher })).rejects.toThrow("not spiffe://");
  });

  it("serves a renewed certificate to new connections without a restart", async () => {
    const serialOf = () =>
      new Promise<string>((resolve, reject) => {
        const { keyPem, chainPem } = source.current();
        const options = { key: keyPem, cert: chainPem, rejectUnauthorized: false, port: Number(url.port) };
        const socket = tlsConnect(options, () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).serialNumber);
          socket.destroy();
        });
        socket.once("error", reject);
      });
    const before = await serialOf();
    source.renew(await authority.issue(gateway));
    expect(await serialOf()).not.toBe(before);
  });

  it.each([
    ['{"name":"a","size":1,"more":2}', "invalid"],
    ['{"name":"a","size":"1"}', "invalid"],
    ['{"name":"a","name":"b","size":1}', "duplicate_key"],
    ['{"name":"a","size":1e400}', "number_out_of_range"],
    ['{"__proto__":{"x":1},"name":"a","size":1}', "malformed"],
    ["{", "malformed"],
    ["", "malformed"],
    ['\ufeff{"name":"a","size":1}', "malformed"],
    [`{"name":"${"x".repeat(1024 * 1024)}","size":1}`, "too_large"],
  ])("answers case %# with the problem that names it", async (text, code) => {
    const reply = await post(text);
    expect(reply.type).toMatch(/^application\/problem\+json/);
    expect(reply.body).toMatchObject({ code, type: `urn:vivified:error:${code}`, status: reply.status });
  });

  it("says when to come again where an error knows it, and not elsewhere", async () => {
    const answerTo = async (path: string) => {
      const reply = await request(new URL(path, url), { dispatcher: await client() });
      return { status: reply.statusCode, after: reply.headers["retry-after"], body: await reply.body.json() };
    };
    expect(await answerTo("/limited")).toMatchObject({ status: 429, after: "42", body: { code: "rate_limited" } });
    expect(await answerTo("/nothing")).toMatchObject({ status: 404, after: undefined });
  });

  it("reports every violation together, each with its place", async () => {
    const { body } = await post('{"size":"1","more":2,"a/b":3}');
    const pointers = (body as { violations: { pointer: string }[] }).violations.map((fault) => fault.pointer).sort();
    expect(pointers).toEqual(["/a~1b", "/more", "/name", "/size"]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""])(
    "refuses the content type %j",
    async (type) => {
      expect((await post('{"name":"a","size":1}', type)).body).toMatchObject({ code: "unsupported_media_type" });
    },
  );

  it("refuses bytes that are not UTF-8", async () => {
    const dispatcher = await client();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const headers = { "content-type": "application/json" };
    const reply = await request(new URL("/things", url), { method: "POST", headers, body, dispatcher });
    expect(await reply.body.json()).toMatchObject({ code: "malformed" });
  });
});
