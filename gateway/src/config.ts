import { mostAuditChains } from "@vivified/contracts";
import { devModeOnly, listOf, logLevels, secretString } from "@vivified/runtime";
import { type Static, Type } from "typebox";

const text = (description: string) => Type.String({ description, minLength: 1 });

/** Everything the gateway can be told, by `VIVIFIED_GATEWAY_*` (`natsUrl` is `VIVIFIED_GATEWAY_NATS_URL`). */
export const gatewayConfig = Type.Object(
  {
    devMode: Type.Boolean({ description: "Allows settings with `insecure` in their name.", default: false }),
    trustDomain: Type.String({ description: "The SPIFFE trust domain.", default: "vivified.local" }),
    stateDir: text("Directory for this process's SVID (0700)."),
    logLevel: Type.Enum([...logLevels], { description: "The least important log line to write.", default: "info" }),
    natsUrl: text("URL of the NATS server."),
    natsUser: Type.String({ description: "NATS user.", default: "gateway" }),
    natsPassword: secretString({ description: "NATS password." }),
    host: Type.String({ description: "Address to listen on.", default: "127.0.0.1" }),
    port: Type.Integer({ description: "Port of the lanes (mTLS).", minimum: 0, maximum: 65535 }),
    policyKeysFile: text(
      "File with the keys whose policy bundles are believed (JSON: key id → algorithm and public key).",
    ),
    controlPlaneUrl: text("URL of the control plane's CSR port."),
    joinTokenFile: Type.Optional(text("File with the one-time join token, for the first start.")),
    coreUrl: text("URL of core's mesh port."),
    snapshotPublicKeyFile: text("File with core's public snapshot key (Ed25519, PEM)."),
    processKeyFile: text("File with this gateway's private key (Ed25519, PKCS #8 PEM): signs what it says over NATS."),
    processKeysFile: text("File with everybody's public process keys (JSON: writer id → PEMs); its own must be there."),
    digestKey: secretString({ description: "Key that hashes, tokens and payload digests are derived from." }),
    subjectSecret: Type.Optional(
      secretString({ description: "Shared with core: names data subjects whose payloads are kept. Never changes." }),
    ),
    writerId: Type.String({
      description: "Names this gateway's chains in the audit trail (`<id>-0` …); no two running gateways share one.",
      pattern: "^[a-z0-9-]{1,56}$",
    }),
    auditChains: Type.Integer({
      description: "Chains of audit blocks that are written at once, each with one block in flight.",
      minimum: 1,
      maximum: mostAuditChains,
      default: 2,
    }),
    dnsServers: listOf(Type.String({ minLength: 1 }), {
      description: "Name servers of the egress lane (`ip:port`). None: the system's.",
      default: [],
    }),
    insecureAddressRanges: devModeOnly(
      Type.Boolean({ description: "Honours the insecure_* members of egress grants. Dev mode only.", default: false }),
    ),
    upstreamCaFile: Type.Optional(
      text("File with further trusted roots (PEM) for services that the egress lane reaches over TLS."),
    ),
    recordTimeoutMs: Type.Integer({
      description: "How long a decision waits for its record before the lane refuses.",
      minimum: 50,
      maximum: 30_000,
      default: 2_000,
    }),
  },
  { additionalProperties: false },
);
export type GatewayConfig = Static<typeof gatewayConfig>;
