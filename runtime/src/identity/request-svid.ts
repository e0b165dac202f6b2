import { createHash, webcrypto, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BundleReply, parseJoinToken, type SpiffeId, SvidReply } from "@vivified/contracts";
import { Check } from "typebox/value";
import { Agent, type Dispatcher, request } from "undici";
import { VivifiedError } from "../errors/vivified-error.ts";
import { parseStrictJson } from "../json/parse-strict-json.ts";
import type { Svid } from "./svid.ts";
import { assembleSvid } from "./svid-files.ts";
import { tlsIdentity } from "./tls-identity.ts";
import * as x509 from "./x509.ts";

export type SvidRequestOptions = {
  readonly spiffeId: SpiffeId;
  readonly controlPlaneUrl: string;
  /** The control plane's own identity, which its certificate must carry. */
  readonly controlPlaneId: SpiffeId;
  readonly joinTokenFile?: string | undefined;
};

/** Whoever answers may be anybody until the token has vouched for it: nothing is waited for long, or read without end. */
const timeoutMs = 10_000;
const maxReplyBytes = 256 * 1024;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** First contact: the token names the root to trust and authorises one certificate. @throws VivifiedError */
export async function joinWithToken(options: SvidRequestOptions): Promise<Svid> {
  const token = await readToken(options.joinTokenFile);
  const bundlePem = await fetchBundle(options.controlPlaneUrl, token.rootHash);
  await using dispatcher = new AsyncAgent(tlsIdentity({ bundlePem, expect: options.controlPlaneId }));
  return await requestSvid(options, { dispatcher: dispatcher.agent, joinToken: token.text });
}

/** Renewal: the live SVID authorises the next one. @throws VivifiedError */
export async function renewSvid(options: SvidRequestOptions, current: Svid): Promise<Svid> {
  const tls = tlsIdentity({ bundlePem: current.bundlePem, expect: options.controlPlaneId, own: current });
  await using dispatcher = new AsyncAgent(tls);
  return await requestSvid(options, { dispatcher: dispatcher.agent });
}

async function requestSvid(
  options: SvidRequestOptions,
  via: { dispatcher: Dispatcher; joinToken?: string },
): Promise<Svid> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
  const body = { csr: csr.toString("pem"), ...(via.joinToken ? { join_token: via.joinToken } : {}) };
  const reply = await post(new URL("/v1/svid", options.controlPlaneUrl), body, via.dispatcher);
  if (!Check(SvidReply, reply)) throw new VivifiedError("internal", { cause: "malformed reply of the control plane" });
  const keyPem = await exportKey(keys.privateKey);
  const svid = assembleSvid({ keyPem, chainPem: reply.certificate_chain, bundlePem: reply.bundle });
  if (svid?.spiffeId !== options.spiffeId) {
    throw new VivifiedError("unauthenticated", { detail: `the control plane issued ${reply.spiffe_id}` });
  }
  return svid;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return x509.PemConverter.encode(der, "PRIVATE KEY");
}

async function readToken(path: string | undefined) {
  if (path === undefined) throw new VivifiedError("invalid_join_token", { detail: "no join token was given" });
  const text = (await readFile(path, "utf8")).trim();
  const token = parseJoinToken(text);
  if (token === undefined) throw new VivifiedError("invalid_join_token", { detail: "the join token is malformed" });
  return { ...token, text };
}

/** Trust on the token's word: the bundle comes over an unverified connection and must hold the root the token names. */
async function fetchBundle(controlPlaneUrl: string, rootHash: string): Promise<string> {
  await using dispatcher = new AsyncAgent({ rejectUnauthorized: false });
  const signal = AbortSignal.timeout(timeoutMs);
  const { body } = await request(new URL("/v1/bundle", controlPlaneUrl), { dispatcher: dispatcher.agent, signal });
  const reply = parseStrictJson(await body.text());
  if (!Check(BundleReply, reply)) throw new VivifiedError("internal", { cause: "malformed bundle" });
  const root = x509.PemConverter.decode(reply.bundle).find((der) => hash(der) === rootHash);
  if (root === undefined) {
    throw new VivifiedError("unauthenticated", { detail: "the control plane is not the one the join token names" });
  }
  return new X509Certificate(Buffer.from(root)).toString();
}

function hash(der: ArrayBuffer): string {
  return createHash("sha256").update(Buffer.from(der)).digest("base64url");
}

async function post(url: URL, body: object, dispatcher: Dispatcher): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(timeoutMs);
  const reply = await request(url, { method: "POST", headers, body: JSON.stringify(body), dispatcher, signal });
  const answer = parseStrictJson(await reply.body.text());
  if (reply.statusCode === 200) return answer;
  const code = reply.statusCode === 401 ? "invalid_join_token" : "internal";
  throw new VivifiedError(code, { detail: `the control plane answered ${reply.statusCode}`, cause: answer });
}

/** An undici agent for a few requests, closed at the end of the block. */
class AsyncAgent implements AsyncDisposable {
  readonly agent: Agent;

  constructor(connect: NonNullable<Agent.Options["connect"]>) {
    this.agent = new Agent({ connect, pipelining: 0, maxResponseSize: maxReplyBytes });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.close();
  }
}
