import { logLevels } from "@vivified/runtime";
import { type Static, Type } from "typebox";

const text = (description: string) => Type.String({ description, minLength: 1 });
const port = (description: string) => Type.Integer({ description, minimum: 1, maximum: 65535 });
const name = (description: string) => Type.String({ description, pattern: "^[a-z0-9-]{1,64}$" });

/** Everything a node agent can be told, by `VIVIFIED_AGENT_*`. */
export const agentConfig = Type.Object(
  {
    pluginId: name("The plugin that this Envoy stands beside."),
    instance: name("The plugin's instance."),
    trustDomain: Type.String({ description: "The SPIFFE trust domain.", default: "vivified.local" }),
    stateDir: text("Directory for key, SDS files, bootstrap and Envoy's admin socket (0700)."),
    logLevel: Type.Enum([...logLevels], { description: "The least important log line to write.", default: "info" }),
    controlPlaneUrl: text("URL of the control plane's CSR port."),
    xdsAddress: Type.String({
      description: "Where the control plane serves ADS (`host:port`).",
      pattern: "^.+:[0-9]{1,5}$",
    }),
    joinTokenFile: Type.Optional(text("File with the one-time join token, for the first start.")),
    lanePort: port("Port of the lanes on the plugin's loopback."),
    pluginPort: port("Port that the plugin listens on, on its loopback."),
    meshHost: text("Address that the gateway reaches this Envoy on."),
    meshPort: port("Port that the gateway reaches this Envoy on."),
    maxRequestsPerSecond: Type.Integer({
      description: "Requests a second that the plugin may send on its lanes; more get 429 from its own Envoy.",
      minimum: 10,
      maximum: 1_000_000,
      default: 1_000,
    }),
    networkNamespace: Type.Optional(text("Path of the plugin's network namespace (needs root).")),
    envoy: text("The Envoy binary."),
  },
  { additionalProperties: false },
);
export type AgentConfig = Static<typeof agentConfig>;
