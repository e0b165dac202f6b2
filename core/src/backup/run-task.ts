import { readFile } from "node:fs/promises";
import { connectNats, createLogger, systemClock, VivifiedError } from "@vivified/runtime";
import type { BackupConfig } from "./config.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

/** Does what the configuration says; gives one line for people. @throws VivifiedError as the task does */
export async function runTask(config: BackupConfig): Promise<string> {
  const logger = createLogger({ process: "backup", level: "warn" });
  const { natsUrl: url, natsUser: user, natsPassword: password, directory, auditLogDir: logDir } = config;
  await using nats = await connectNats({ url, user, password, name: "backup", logger });
  const parts = { databaseUrl: config.databaseUrl.reveal(), nats, logger, ...(logDir !== undefined && { logDir }) };
  if (config.task === "backup") {
    const { position, files } = await makeBackup(directory, { ...parts, clock: systemClock });
    return `${directory}: ${files.length} files, rows of ${position.log_size} records, and every block of the stream; keys are not in it`;
  }
  const checked = await restoreBackup(directory, { ...parts, ...(await seenBy(config)) });
  return `restored: ${checked.blocks} blocks are those of the rows, ${checked.signed} records are signed, ${checked.reachable} can be reached`;
}

async function seenBy({ vkeyFile, checkpointFile, processKeysFile }: BackupConfig) {
  if (vkeyFile === undefined) throw missing("the log's public key");
  if (processKeysFile === undefined) throw missing("the keys of processes");
  const held = checkpointFile === undefined ? {} : { held: await readFile(checkpointFile, "utf8") };
  return { vkey: await readFile(vkeyFile, "utf8"), processKeysFile, ...held };
}

const missing = (what: string): VivifiedError =>
  new VivifiedError("invalid_config", { detail: `a restore asks for ${what}` });
