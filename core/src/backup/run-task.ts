import { readFile } from "node:fs/promises";
import { connectNats, createLogger, type Logger, type Secret, systemClock, VivifiedError } from "@vivified/runtime";
import type { BackupConfig } from "./config.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";
import type { StreamKeeper } from "./stream-snapshot.ts";

/** Does what the configuration says; gives one line for people. @throws VivifiedError as the task does */
export async function runTask(config: BackupConfig): Promise<string> {
  const logger = createLogger({ process: "backup", level: "warn" });
  const { directory, auditLogDir: logDir } = config;
  await using stack = new AsyncDisposableStack();
  const keepers = await connectKeepers(config, { logger, stack });
  const parts = {
    databaseUrl: config.databaseUrl.reveal(),
    ...keepers,
    logger,
    ...(logDir !== undefined && { logDir }),
  };
  if (config.task === "backup") {
    const { position, files } = await makeBackup(directory, { ...parts, clock: systemClock });
    return `${directory}: ${files.length} files, rows of ${position.log_size} records, and every block of the stream; keys are not in it`;
  }
  const checked = await restoreBackup(directory, { ...parts, ...(await seenBy(config)) });
  return `restored: ${checked.blocks} blocks are those of the rows, ${checked.signed} records are signed, ${checked.reachable} can be reached`;
}

/** As those who may take streams away as a whole, each from its account. */
async function connectKeepers(config: BackupConfig, on: { logger: Logger; stack: AsyncDisposableStack }) {
  const connect = async (user: string, password: Secret): Promise<StreamKeeper> => {
    const nats = await connectNats({ url: config.natsUrl, user, password, name: "backup", logger: on.logger });
    return { nats: on.stack.use(nats), user };
  };
  const trail = await connect(config.natsUser, config.natsPassword);
  const { eventsNatsUser, eventsNatsPassword } = config;
  return { trail, events: eventsNatsPassword ? await connect(eventsNatsUser, eventsNatsPassword) : trail };
}

async function seenBy({ vkeyFile, checkpointFile, processKeysFile }: BackupConfig) {
  if (vkeyFile === undefined) throw missing("the log's public key");
  if (processKeysFile === undefined) throw missing("the keys of processes");
  const held = checkpointFile === undefined ? {} : { held: await readFile(checkpointFile, "utf8") };
  return { vkey: await readFile(vkeyFile, "utf8"), processKeysFile, ...held };
}

const missing = (what: string): VivifiedError =>
  new VivifiedError("invalid_config", { detail: `a restore asks for ${what}` });
