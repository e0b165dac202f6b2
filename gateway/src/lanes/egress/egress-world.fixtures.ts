import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EgressGrant, SnapshotDocument } from "@vivified/contracts";
import { testAuthority } from "@vivified/runtime/fixtures";
import { snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { laneDocument, runLanes } from "../running-lanes.fixtures.ts";
import { openMailServer, openNameServer, openService } from "./outside.fixtures.ts";
import { outsideService } from "./outside-service.fixtures.ts";

export type EgressWorld = Awaited<ReturnType<typeof openEgressWorld>>;

/** A gateway, and everything outside that its plugins might want: names, web, TLS and mail, good and bad. */
export async function openEgressWorld(stack: AsyncDisposableStack) {
  const services = await openServices(stack);
  const { names, upstreamCaFile, web, ports } = services;
  const granting = grants(ports);
  const gateway = stack.use(await runLanes(document(granting), { dnsServers: [names.address], upstreamCaFile }));
  return {
    ...services,
    gateway,
    grant: granting.grant,
    document: (parts: Partial<SnapshotDocument> = {}) => document(granting, parts),
    api: (path = "/") => `http://api.example:${web.port}${path}`,
    proxy: async (request: object, as = "caller", headers: Record<string, string> = {}) => {
      const { json, ...answer } = await gateway.post(as, "/proxy", { method: "GET", ...request }, headers);
      return { ...answer, body: json };
    },
    decisionsOf: (traceId: string) => gateway.decisions(traceId),
    rulesOf: async (traceId: string) =>
      (await gateway.decisions(traceId)).flatMap(({ result }) => result.reasons.map(({ rule }) => rule)),
  };
}

async function openServices(stack: AsyncDisposableStack) {
  const authority = await testAuthority();
  const certificate = async (...dnsNames: string[]) => {
    const { keyPem: key, chainPem: cert } = await authority.issue("spiffe://outside.example/service", { dnsNames });
    return { key, cert };
  };
  const service = outsideService({ redirectTo: () => `http://127.0.0.3:${inside.port}/secret` });
  const { listener } = service;
  const web = await openService(listener, {}, stack);
  const inside = await openService(listener, { host: "127.0.0.3", port: web.port }, stack);
  const tlsWeb = await openService(listener, { tls: await certificate("api.example") }, stack);
  const strangerTls = await openService(listener, { tls: await certificate("stranger.example") }, stack);
  const mail = await openMailServer(await certificate("mail.example"), stack);
  const strangerMail = await openMailServer(await certificate("stranger.example"), stack);
  const smtps = await openMailServer({ secure: true, ...(await certificate("mail.example")) }, stack);
  const plainMail = await openMailServer({ disabledCommands: ["AUTH", "STARTTLS"] }, stack);
  const servers = { web, inside, tlsWeb, strangerTls, mail, strangerMail, smtps, plainMail };
  const ports = [80, ...Object.values(servers).map(({ port }) => port)];
  const upstreamCaFile = join(tmpdir(), `vivified-egress-${process.pid}-${web.port}.pem`);
  await writeFile(upstreamCaFile, authority.bundlePem);
  stack.defer(() => rm(upstreamCaFile, { force: true }));
  return { ...servers, ...(await openNames(stack)), ports, upstreamCaFile, seen: service.seen };
}

async function openNames(stack: AsyncDisposableStack) {
  let flips = 0;
  const names = await openNameServer(
    {
      "api.example": ["127.0.0.2"],
      "mail.example": ["127.0.0.2"],
      "xn--bcher-kva.example": ["127.0.0.2"],
      "intranet.example": ["10.0.0.7"],
      "metadata.example": ["169.254.169.254"],
      "mixed.example": ["127.0.0.2", "127.0.0.3"],
      "six.example": ["::1"],
      "mapped.example": ["::ffff:10.0.0.7"],
      "translated.example": ["64:ff9b::a00:7"],
      "half.example": ["127.0.0.2", "::1"],
      "nothing.example": [],
      "flip.example": () => (flips++ % 2 === 0 ? ["127.0.0.2"] : ["127.0.0.3"]),
    },
    stack,
  );
  return { names, flips: () => flips };
}

type Granting = ReturnType<typeof grants>;

/** Grants of `caller`'s for everything at a host, in the one address range that is opened; `closed` opens none. */
function grants(ports: number[]) {
  let count = 0;
  const closed = (host: string, parts: Partial<EgressGrant> = {}): EgressGrant => {
    count += 1;
    return {
      id: `g-${count}`,
      plugin: "caller",
      kind: "egress",
      host,
      schemes: ["http", "https", "smtp", "smtps"],
      ports,
      methods: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "SEND"],
      ...parts,
    };
  };
  const grant = (host: string, parts: Partial<EgressGrant> = {}) =>
    closed(host, { insecure_address_ranges: ["127.0.0.2/32"], ...parts });
  return { grant, closed };
}

function document({ grant, closed }: Granting, parts: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const open = ["api", "mail", "xn--bcher-kva", "mixed", "flip", "nothing", "half"].map((name) => `${name}.example`);
  const shut = ["intranet", "metadata", "six", "mapped", "translated"].map((name) => `${name}.example`);
  const literal = ["127.0.0.2", "127.0.0.3", "169.254.169.254", "::1", "::ffff:7f00:2", "0.0.0.0"];
  const prefix = { path_prefix: "/v1", methods: ["GET" as const], schemes: ["https" as const], ports: [443] };
  return laneDocument({
    plugins: [
      snapshotPlugin("caller", { traits: ["external_service", "handles_pii"] }),
      snapshotPlugin("plain", { traits: ["external_service"] }),
      snapshotPlugin("untraited"),
      snapshotPlugin("waiting", { status: "registered", traits: ["external_service"] }),
      snapshotPlugin("quarantined", { status: "disabled", traits: ["external_service"] }),
    ],
    grants: [
      ...[...open, ...literal, "*.wild.example"].map((host) => grant(host)),
      ...shut.map((host) => closed(host)),
      grant("prefix.example", prefix),
      grant("api.example", { plugin: "plain" }),
      grant("mail.example", { plugin: "plain", insecure_plaintext_smtp: true }),
      grant("api.example", { plugin: "untraited" }),
      grant("api.example", { plugin: "quarantined" }),
    ],
    ...parts,
  });
}
