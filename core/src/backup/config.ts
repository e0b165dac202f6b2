import { type Environment, loadConfig, secretString } from "@vivified/runtime";
import { type Static, Type } from "typebox";
import { logStorageSettings } from "../transparency/index.ts";

const text = (description: string) => Type.String({ description, minLength: 1 });

/** What a backup or a restore is told, from `VIVIFIED_BACKUP_*`. */
export const BackupConfig = Type.Object({
  task: Type.Enum(["backup", "restore"], { description: "What to do." }),
  directory: text("Where the backup lies, or is to lie."),
  databaseUrl: secretString({ description: "PostgreSQL connection URL." }),
  natsUrl: text("NATS server."),
  natsUser: Type.String({ description: "NATS user that may take the audit trail away.", default: "installer" }),
  natsPassword: secretString({ description: "Its password." }),
  eventsNatsUser: Type.String({ description: "NATS user that may take events away.", default: "events-installer" }),
  eventsNatsPassword: Type.Optional(secretString({ description: "Its password, unless it is the same user." })),
  ...logStorageSettings,
  processKeysFile: Type.Optional(
    text("Restore: whose decision blocks count: JSON, public keys (Ed25519, PEM) by process."),
  ),
  vkeyFile: Type.Optional(text("Restore: the log's public key.")),
  oldVkeyFile: Type.Optional(text("Restore: the public key before it, which signed the backup's checkpoint.")),
  checkpointFile: Type.Optional(text("Restore: the newest checkpoint that an auditor or a witness holds.")),
});
export type BackupConfig = Static<typeof BackupConfig>;

/** @throws VivifiedError `invalid_config` */
export function backupConfig(env: Environment = process.env): BackupConfig {
  return loadConfig("VIVIFIED_BACKUP_", BackupConfig, env);
}
