import { devModeOnly, type Environment, listOf, loadConfig, logLevels, secretString } from "@vivified/runtime";
import { type Static, Type } from "typebox";
import { alertSettings } from "./alerts/alert-settings.ts";
import { pushSettings } from "./audit/push/push-settings.ts";
import { retentionSettings } from "./retention/retention-settings.ts";
import { logStorageSettings } from "./transparency/log-storage-settings.ts";

const port = (description: string) => Type.Integer({ description, minimum: 0, maximum: 65535 });
const text = (description: string, options = {}) => Type.String({ description, minLength: 1, ...options });

/** Core's configuration, from `VIVIFIED_CORE_*`. */
export const CoreConfig = Type.Object({
  devMode: Type.Boolean({ description: "Development: allows what production refuses.", default: false }),
  trustDomain: text("SPIFFE trust domain.", { default: "vivified.local" }),
  stateDir: text("Where the SVID and its key are kept."),
  logLevel: Type.Enum([...logLevels], { description: "Least severe level that is logged.", default: "info" }),
  host: text("Address to listen on.", { default: "127.0.0.1" }),
  publicPort: port("TLS port for people; 0 lets the system choose."),
  meshPort: port("mTLS port for the gateway; 0 lets the system choose."),
  natsUrl: text("NATS server."),
  natsUser: text("NATS user."),
  natsPassword: secretString({ description: "NATS password." }),
  databaseUrl: secretString({ description: "PostgreSQL connection URL." }),
  policyBundleFile: text("The shipped policy bundle, signed; in force until another one is published."),
  policyKeysFile: text("Whose policy bundles are believed: JSON, key id to {algorithm, key}."),
  policyApproval: Type.Enum(["relaxed", "always"], {
    description: "Which publications wait for a second person: those that relax floor rules, or all.",
    default: "relaxed",
  }),
  policySourceUrl: Type.Optional(text("A bundle server (OPA's protocol) whose bundles are published, http or https.")),
  policySourceTokenFile: Type.Optional(
    text("File with the bearer token for the bundle server; read at every request."),
  ),
  policySourceCaFile: Type.Optional(text("Trusted roots (PEM) for the bundle server; the system's when absent.")),
  policySourceIntervalMs: Type.Integer({
    description: "How often the bundle server is asked.",
    default: 10_000,
    minimum: 100,
  }),
  policySourceTimeoutMs: Type.Integer({
    description: "How long a whole answer of the bundle server may take.",
    default: 30_000,
    minimum: 100,
  }),
  controlPlaneUrl: text("CSR port of the control plane."),
  joinTokenFile: Type.Optional(text("File with the one-time join token; needed until an SVID is kept.")),
  gatewayUrl: text("The gateway's mTLS URL."),
  snapshotKeyFile: text("Ed25519 private key (PKCS #8 PEM) that signs snapshots."),
  processKeyFile: text("Ed25519 private key (PKCS #8 PEM) that signs core's own decision blocks."),
  processKeysFile: text(
    "Whose decision blocks count: JSON, public keys (Ed25519, PEM) by process. Read again every second while blocks come.",
  ),
  subjectKeyFile: Type.Optional(
    text("P-256 private key (PKCS #8 PEM) that unwraps data subjects' keys. Needed to keep anything of payloads."),
  ),
  subjectSecret: Type.Optional(
    secretString({ description: "Shared with gateways: names data subjects whose payloads are kept. Never changes." }),
  ),
  tokenKeyFile: text("Ed25519 private key (PKCS #8 PEM) that signs access tokens."),
  auditLogKeyFile: text("Ed25519 private key (PKCS #8 PEM) that signs checkpoints of the audit log, and nothing else."),
  auditLogOldKeyFile: Type.Optional(
    text("The key before it, which signs checkpoints as well until auditors and witnesses know the new one."),
  ),
  ...logStorageSettings,
  auditLogIntervalMs: Type.Integer({
    description: "How long a record may wait for a checkpoint of the audit log.",
    default: 60_000,
    minimum: 10,
  }),
  auditLogWitnesses: listOf(Type.String({ minLength: 1 }), {
    description: "Witnesses that cosign the audit log: `<verifier key> <URL>` each.",
    default: [],
  }),
  maxStalenessMs: Type.Integer({
    description: "How long lanes keep working without a word from core.",
    default: 300_000,
    minimum: 10_000,
  }),
  ...alertSettings,
  ...pushSettings,
  untoldAfterMs: Type.Integer({
    description: "How long a permit may be without an outcome before core records that nobody told one.",
    default: 600_000,
    minimum: 100,
  }),
  ...retentionSettings,
  firstAdminPassword: Type.Optional(
    devModeOnly(secretString({ description: "Makes the user admin with this password, once. Dev mode only." })),
  ),
  insecureEgressGrants: devModeOnly(
    Type.Boolean({ description: "Accepts insecure_* members of egress grants. Dev mode only.", default: false }),
  ),
});
export type CoreConfig = Static<typeof CoreConfig>;

/** @throws VivifiedError `invalid_config`, also when something that only dev mode allows is set outside it */
export function coreConfig(env: Environment = process.env): CoreConfig {
  return loadConfig("VIVIFIED_CORE_", CoreConfig, env);
}
