import { controlPlaneWriter, coreWriter } from "@vivified/contracts";
import type { Home } from "./home.ts";
import { gatewayWriter } from "./instances.ts";
import { type NatsLogins, openNatsLogins } from "./nats/nats-users.ts";
import { openPorts, type Ports } from "./ports.ts";
import {
  type AuditLogKey,
  auditLogKey,
  type KeyFiles,
  type PolicyKey,
  type ProcessKeyFiles,
  policyKey,
  processKeyFiles,
  type SecretFile,
  secretFile,
  signingKeyFiles,
  unwrapKeyFile,
} from "./secrets.ts";

export const portNames = [
  "postgres",
  "nats",
  "controlPlaneCsr",
  "controlPlaneXds",
  "gateway",
  "corePublic",
  "coreMesh",
] as const;
export type PortName = (typeof portNames)[number];

/** What a platform is made from once and keeps: ports, secrets and keys. */
export type Foundation = {
  readonly ports: Readonly<Record<PortName, number>>;
  readonly allPorts: Ports;
  readonly nats: NatsLogins;
  readonly natsStoreKey: SecretFile;
  readonly database: SecretFile;
  readonly digestKey: SecretFile;
  readonly subjectSecret: SecretFile;
  readonly subjectKey: SecretFile;
  readonly firstAdmin: SecretFile;
  readonly snapshotKey: KeyFiles;
  readonly tokenKey: KeyFiles;
  readonly processKeys: ProcessKeyFiles;
  readonly auditLogKey: AuditLogKey;
  readonly policyKey: PolicyKey;
};

type FoundationOptions = { readonly trustDomain: string; readonly gateways: number };

export async function openFoundation(home: Home, { trustDomain, gateways }: FoundationOptions): Promise<Foundation> {
  const allPorts = await openPorts(home.at("ports.json"));
  const secret = (name: string) => secretFile(home.at("secrets", name));
  return {
    allPorts,
    ports: await named(portNames, allPorts.of),
    nats: await openNatsLogins(secret, gateways),
    natsStoreKey: await secret("nats-store-key"),
    database: await secret("database-password"),
    digestKey: await secret("payload-digest-key"),
    subjectSecret: await secret("subject-secret"),
    subjectKey: await unwrapKeyFile(home.at("keys", "audit-subject.key.pem")),
    firstAdmin: await secret("first-admin-password"),
    snapshotKey: await signingKeyFiles(home.at("keys", "snapshot")),
    processKeys: await processKeyFiles(home.at("keys"), processNamesOf(gateways)),
    tokenKey: await signingKeyFiles(home.at("keys", "access-token")),
    auditLogKey: await auditLogKey(home.at("keys", "audit-log"), trustDomain),
    policyKey: await policyKey(home.at("keys", "policy")),
  };
}

/** What processes are called by their keys: a gateway by its writer id. */
function processNamesOf(gateways: number): readonly string[] {
  return [coreWriter, controlPlaneWriter, ...Array.from({ length: gateways }, (_, at) => gatewayWriter(at + 1))];
}

async function named<Name extends string, Value>(names: readonly Name[], make: (name: Name) => Promise<Value>) {
  const entries = await Promise.all(names.map(async (name) => [name, await make(name)] as const));
  return Object.fromEntries(entries) as Record<Name, Value>;
}
