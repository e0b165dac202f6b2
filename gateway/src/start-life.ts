import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { describeBundleKeys, parseBundleKeys } from "@vivified/pdp";
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
import { type GatewayConfig, gatewayConfig } from "./config.ts";
import { gatewayRecord } from "./gateway-record.ts";

export type StartLifeDeps = { readonly trail: AuditTrail; readonly clock: Clock; readonly logger: Logger };

/**
 * Records that the gateway starts and what it was told, before it listens, and that it stops once it does not any more.
 * Waits for the record as long as it takes: nothing is released without records either.
 *
 * @throws VivifiedError `invalid_config` for keys that are none; `audit_unavailable` when it is stopped meanwhile
 */
export async function startLife(
  config: GatewayConfig,
  deps: StartLifeDeps,
  stack: AsyncDisposableStack,
): Promise<void> {
  const { writerId: writer, stateDir: directory } = config;
  const life = await recordLife({
    ...deps,
    ...{ name: "gateway", rules: { started: "gateway.started", stopped: "gateway.stopped" } },
    ...{ version: manifest.version, host: hostname(), directory, newId: uuidv7 },
    configuration: await toldConfig(config),
    recordOf: (words) => gatewayRecord({ ...words, writer, trace: newTrace(), now: deps.clock.now() }),
  });
  stack.defer(life.stop);
  await life.durable;
}

async function toldConfig(config: GatewayConfig): Promise<ToldConfig> {
  return {
    ...describeConfig(gatewayConfig, config),
    POLICY_KEYS: describeBundleKeys(parseBundleKeys(await readFile(config.policyKeysFile, "utf8"))),
    ...(await describeProcessKeyFiles(config)),
    SNAPSHOT_KEY: describeKey(await readFile(config.snapshotPublicKeyFile, "utf8"), "SNAPSHOT_PUBLIC_KEY_FILE"),
  };
}
