import { readFile } from "node:fs/promises";
import { connectNats, createLogger, type Logger, type Secret, systemClock, VivifiedError } from "@vivified/runtime";
import { openLogStorage } from "../transparency/index.ts";
import type { Checked } from "./check-restored.ts";
import type { BackupConfig } from "./config.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";
import type { StreamKeeper } from "./stream-snapshot.ts";

/** Does what the configuration says; gives one line for people. @throws VivifiedError as the task does */
export async function runTask(config: BackupConfig): Promise<string> {
  const logger = createLogger({ process: "backup", level: "warn" });
  const { directory } = config;
  const storage = openLogStorage(config);
  await using stack = new AsyncDisposableStack();
  const keepers = await connectKeepers(config, { logger, stack });
  const parts = {
    databaseUrl: config.databaseUrl.reveal(),
    ...keepers,
    storage,
    logger,
  };
  if (config.task === "backup") {
    const { position } = await makeBackup(directory, { ...parts, clock: systemClock });
    return `${directory}: rows of ${position.log_size} records, and every block of the stream; keys are not in it`;
  }
  const checked = await restoreBackup(directory, { ...parts, ...(await seenBy(config)) });
  return toldOf(checked);
}

function toldOf({ blocks, signed, reachable, unsigned }: Checked): string {
  const lost = unsigned === 0 ? "" : `; ${unsigned} blocks behind the rows count for nothing: by no key that is known`;
  return `restored: ${blocks} blocks are those of the rows, ${signed} records are signed, ${reachable} can be reached${lost}`;
}

/** As those who may take streams away as a whole, each from its account. */
async function connectKeepers(config: BackupConfig, on: { logger: Logger; stack: AsyncDisposableStack }) {
  const connect = async (user: string, password: Secret): Promise<StreamKeeper> => {
    const nats = await connectNats({ url: config.natsUrl, user, password, name: "backup", logger: on.logger });
    return { nats: on.stack.use(nats), user };
  };
  const trail = await connect(config.natsUser, config.natsPassword);
  const { eventsNatsUser, eventsNatsPassword } = config;
  if (eventsNatsUser === config.natsUser) return { trail, events: trail };
  if (eventsNatsPassword === undefined) throw missing(`the password of ${eventsNatsUser}, who keeps events`);
  return { trail, events: await connect(eventsNatsUser, eventsNatsPassword) };
}

async function seenBy({ vkeyFile, oldVkeyFile, checkpointFile, processKeysFile }: BackupConfig) {
  if (vkeyFile === undefined) throw missing("the log's public key");
  if (processKeysFile === undefined) throw missing("the keys of processes");
  return {
    ...{ vkey: await readFile(vkeyFile, "utf8"), processKeysFile },
    ...(oldVkeyFile !== undefined && { oldVkey: await readFile(oldVkeyFile, "utf8") }),
    ...(checkpointFile !== undefined && { held: await readFile(checkpointFile, "utf8") }),
  };
}

const missing = (what: string): VivifiedError => new VivifiedError("invalid_config", { detail: `it asks for ${what}` });
