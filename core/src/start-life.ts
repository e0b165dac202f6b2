import { hostname } from "node:os";
import { beginLife, type Life, newTrace, uuidv7 } from "@vivified/runtime";
import manifest from "../package.json" with { type: "json" };
import { changeRecord } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";
import { toldConfig } from "./told-config.ts";

/** To be called when core serves nobody any more; once is enough. */
export type RunningLife = { readonly stop: () => Promise<void> };

/**
 * Records that core starts and what it was told, before it does anything else of its own. That it ends is recorded by
 * `stop`, or by the stack of a start that failed.
 *
 * @throws VivifiedError `database_unavailable`; `invalid_config` for keys that are none
 */
export async function startLife(foundation: Foundation, stack: AsyncDisposableStack): Promise<RunningLife> {
  const { config } = foundation;
  const life = await beginLife({
    ...{ version: manifest.version, host: hostname(), directory: config.stateDir, newId: uuidv7 },
    configuration: await toldConfig(config),
    record: (labels) =>
      tell({ action: "start core", rule: "core.started", message: "Core starts", labels }, foundation),
  });
  let stopping: Promise<void> | undefined;
  const running = { stop: () => (stopping ??= stop(life, foundation)) };
  stack.defer(running.stop);
  return running;
}

type Told = {
  readonly action: string;
  readonly rule: string;
  readonly message: string;
  readonly labels: { readonly [name: string]: string };
};

async function tell({ rule, message, ...told }: Told, { atomically }: Pick<Foundation, "atomically">): Promise<string> {
  const reason = { rule, message, fix: "" };
  const record = changeRecord({ caller: "core", resource: "core", trace: newTrace(), reason, ...told });
  await atomically(({ decisions }) => decisions.append([record]));
  return record.decision_id;
}

/** A stop that cannot be recorded is none: the next start says so. */
async function stop({ instance, started, end }: Life, foundation: Foundation): Promise<void> {
  const labels = { instance, started };
  const told = { action: "stop core", rule: "core.stopped", message: "Core stops", labels };
  try {
    await tell(told, foundation);
    await end();
  } catch (err) {
    foundation.logger.error({ err }, "stop not recorded");
  }
}
