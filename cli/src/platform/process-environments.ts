import type { ProcessName } from "@vivified/contracts";
import type { Foundation } from "./foundation.ts";
import type { Home } from "./home.ts";
import { gatewayWriter, instanceName } from "./instances.ts";
import { trailRoomBytes } from "./nats/nats-config.ts";
import type { SecretFile } from "./secrets.ts";

export type ProcessSettings = {
  readonly home: Home;
  readonly foundation: Foundation;
  readonly trustDomain: string;
  readonly databaseUrl: string;
  readonly logLevel: string;
  /** Honour `insecure_*` of egress grants, which exist in dev mode only. */
  readonly insecureEgressGrants: boolean;
  /** `ip:port`; none means the machine's own resolver. */
  readonly dnsServers: readonly string[];
  readonly svidTtlSeconds: number;
  /** Of core's, in place of what is said here. */
  readonly coreSettings: Readonly<Record<string, string>>;
  /** One for each gateway; the first is where core publishes. */
  readonly gatewayPorts: readonly number[];
  /** What runs as the gateway, by its path in the checkout. */
  readonly gatewayScript: string;
};

type Environment = Readonly<Record<string, string>>;

/** What each of our processes is told, and nothing else: secrets by file where a file can be named. */
export function processEnvironment(name: ProcessName, settings: ProcessSettings, instance = 1): Environment {
  const prefix = `VIVIFIED_${name.toUpperCase().replace("-", "_")}_`;
  const own = { core, gateway, "control-plane": controlPlane }[name](settings, instance);
  const values = {
    ...common(name, settings, instance),
    STATE_DIR: settings.home.at(instanceName(name, instance)),
    ...own,
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
}

export function joinTokenFile(home: Home, name: string): string {
  return home.at("join-tokens", name);
}

/** The bundle that the platform comes with. */
export function policyBundleFile(home: Home): string {
  return home.at("policies", "bundle.tar.gz");
}

function common(name: ProcessName, settings: ProcessSettings, instance: number): Environment {
  const { foundation, trustDomain, logLevel } = settings;
  return {
    DEV_MODE: "true",
    TRUST_DOMAIN: trustDomain,
    LOG_LEVEL: logLevel,
    NATS_URL: `nats://127.0.0.1:${foundation.ports.nats}`,
    NATS_USER: instanceName(name, instance),
    NATS_PASSWORD_FILE: natsPassword(name, settings, instance).file,
    PROCESS_KEY_FILE: foundation.processKeys.of(name === "gateway" ? gatewayWriter(instance) : name),
    PROCESS_KEYS_FILE: foundation.processKeys.keysFile,
  };
}

/** @throws Error for a gateway that the platform was not opened for */
function natsPassword(name: ProcessName, { foundation }: ProcessSettings, instance: number): SecretFile {
  if (name !== "gateway") return foundation.nats[name];
  const password = foundation.nats.gateways[instance - 1];
  if (password === undefined) throw new Error(`there is no NATS user for gateway ${instance}`);
  return password;
}

function core(settings: ProcessSettings): Environment {
  const { home, foundation } = settings;
  const { ports } = foundation;
  return {
    PUBLIC_PORT: String(ports.corePublic),
    MESH_PORT: String(ports.coreMesh),
    DATABASE_URL: settings.databaseUrl,
    POLICY_BUNDLE_FILE: policyBundleFile(home),
    POLICY_KEYS_FILE: foundation.policyKey.keysFile,
    CONTROL_PLANE_URL: `https://127.0.0.1:${ports.controlPlaneCsr}`,
    JOIN_TOKEN_FILE: joinTokenFile(home, "core"),
    GATEWAY_URL: `https://127.0.0.1:${ports.gateway}`,
    SNAPSHOT_KEY_FILE: foundation.snapshotKey.privateFile,
    SUBJECT_KEY_FILE: foundation.subjectKey.file,
    SUBJECT_SECRET_FILE: foundation.subjectSecret.file,
    TOKEN_KEY_FILE: foundation.tokenKey.privateFile,
    AUDIT_LOG_KEY_FILE: foundation.auditLogKey.privateFile,
    AUDIT_LOG_DIR: home.at("audit-log"),
    ALERT_STREAM_ROOM_BYTES: String(trailRoomBytes),
    FIRST_ADMIN_PASSWORD_FILE: foundation.firstAdmin.file,
    INSECURE_EGRESS_GRANTS: String(settings.insecureEgressGrants),
    ...settings.coreSettings,
  };
}

function gateway(settings: ProcessSettings, instance: number): Environment {
  const { home, foundation, dnsServers } = settings;
  const { ports } = foundation;
  return {
    PORT: String(settings.gatewayPorts[instance - 1]),
    POLICY_KEYS_FILE: foundation.policyKey.keysFile,
    CONTROL_PLANE_URL: `https://127.0.0.1:${ports.controlPlaneCsr}`,
    JOIN_TOKEN_FILE: joinTokenFile(home, instanceName("gateway", instance)),
    CORE_URL: `https://127.0.0.1:${ports.coreMesh}`,
    SNAPSHOT_PUBLIC_KEY_FILE: foundation.snapshotKey.publicFile,
    DIGEST_KEY_FILE: foundation.digestKey.file,
    SUBJECT_SECRET_FILE: foundation.subjectSecret.file,
    WRITER_ID: gatewayWriter(instance),
    INSECURE_ADDRESS_RANGES: String(settings.insecureEgressGrants),
    ...(dnsServers.length > 0 ? { DNS_SERVERS: dnsServers.join(",") } : {}),
  };
}

function controlPlane({ home, foundation, svidTtlSeconds, gatewayPorts }: ProcessSettings): Environment {
  const { ports } = foundation;
  return {
    CSR_PORT: String(ports.controlPlaneCsr),
    XDS_PORT: String(ports.controlPlaneXds),
    CA_DIR: home.at("ca"),
    SNAPSHOT_PUBLIC_KEY_FILE: foundation.snapshotKey.publicFile,
    SVID_TTL_SECONDS: String(svidTtlSeconds),
    GATEWAY_ADDRESS: gatewayPorts.map((port) => `127.0.0.1:${port}`).join(","),
  };
}
