import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import {
  type AuditTrail,
  type Clock,
  describeConfig,
  describeKey,
  describeProcessKeyFiles,
  type Logger,
  newTrace,
  recordLife,
  type ToldConfig,
  uuidv7,
} from "@vivified/runtime";
import manifest from "../package.json" with { type: "json" };
import { type ControlPlaneConfig, controlPlaneConfig } from "./config.ts";
import { meshRecord } from "./mesh-record.ts";

export type StartLifeDeps = { readonly trail: AuditTrail; readonly clock: Clock; readonly logger: Logger };

/**
 * Records that the control plane starts and what it was told, and that it stops once it serves nobody any more. It has one
 * chain: the start is on its way before anything else is, so whatever waits for its record waits for that of the start.
 *
 * @throws VivifiedError `invalid_config` for a snapshot key that is none
 */
export async function startLife(
  config: ControlPlaneConfig,
  deps: StartLifeDeps,
  stack: AsyncDisposableStack,
): Promise<void> {
  const life = await recordLife({
    ...deps,
    ...{
      name: "control plane",
      rules: { started: "mesh.control_plane_started", stopped: "mesh.control_plane_stopped" },
    },
    ...{ version: manifest.version, host: hostname(), newId: uuidv7 },
    ...(config.stateDir !== undefined && { directory: config.stateDir }),
    configuration: await toldConfig(config),
    recordOf: (words) => meshRecord({ ...words, ...self, trace: newTrace(), now: deps.clock.now() }),
  });
  stack.defer(life.stop);
}

const self = { entrypoint: "recorded", caller: "control-plane", resource: "control plane" } as const;

async function toldConfig(config: ControlPlaneConfig): Promise<ToldConfig> {
  const snapshotKey = await readFile(config.snapshotPublicKeyFile, "utf8");
  return {
    ...describeConfig(controlPlaneConfig, config),
    ...(await describeProcessKeyFiles(config)),
    SNAPSHOT_KEY: describeKey(snapshotKey, "SNAPSHOT_PUBLIC_KEY_FILE"),
  };
}
