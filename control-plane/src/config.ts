import { listOf, logLevels, secretString } from "@vivified/runtime";
import { type Static, Type } from "typebox";

const text = (description: string) => Type.String({ description, minLength: 1 });
const port = (description: string) => Type.Integer({ description, minimum: 0, maximum: 65535 });

/** Everything the control plane can be told, by `VIVIFIED_CONTROL_PLANE_*`. */
export const controlPlaneConfig = Type.Object(
  {
    devMode: Type.Boolean({
      description: "Allows settings with `insecure` in their name; there are none here.",
      default: false,
    }),
    trustDomain: Type.String({ description: "The SPIFFE trust domain.", default: "vivified.local" }),
    stateDir: Type.Optional(text("Directory for what it keeps of its last start.")),
    logLevel: Type.Enum([...logLevels], { description: "The least important log line to write.", default: "info" }),
    natsUrl: text("URL of the NATS server."),
    natsUser: Type.String({ description: "NATS user.", default: "control-plane" }),
    natsPassword: secretString({ description: "NATS password." }),
    host: Type.String({ description: "Address to listen on.", default: "127.0.0.1" }),
    csrPort: port("Port of the CSR port (HTTPS)."),
    xdsPort: port("Port of ADS (gRPC, mTLS)."),
    caDir: text("Directory that `createAuthority` made."),
    snapshotPublicKeyFile: text("File with core's public snapshot key (Ed25519, PEM)."),
    processKeyFile: text("File with its private key (Ed25519, PKCS #8 PEM): signs what it says over NATS."),
    processKeysFile: text("File with everybody's public process keys (JSON: process → PEMs); its own must be there."),
    svidTtlSeconds: Type.Integer({ description: "Life of an SVID.", minimum: 4, maximum: 86_400, default: 3_600 }),
    gatewayAddress: Type.String({
      description: "Where Envoys dial the gateways: `host:port`, several with commas between.",
      pattern: "^[^,]+:[0-9]{1,5}(,[^,]+:[0-9]{1,5})*$",
    }),
    processDnsNames: listOf(Type.String({ minLength: 1, maxLength: 253 }), {
      description: "DNS names and addresses in the SVIDs of core, gateway and control plane.",
      default: ["localhost", "127.0.0.1"],
    }),
  },
  { additionalProperties: false },
);
export type ControlPlaneConfig = Static<typeof controlPlaneConfig>;
