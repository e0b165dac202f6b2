import { readFile } from "node:fs/promises";
import { homePath } from "../platform/home.ts";
import { databaseUrl } from "../platform/postgres/start-postgres.ts";
import { readNumbers } from "../platform/remembered-numbers.ts";
import { runScript } from "./run-script.ts";

export type BackupOptions = {
  readonly home?: string;
  readonly databaseUrlFile?: string;
  readonly natsUrl?: string;
  readonly natsPasswordFile?: string;
  readonly eventsPasswordFile?: string;
  readonly logDir?: string;
  readonly logS3Url?: string;
  readonly logS3Region?: string;
  readonly logS3AccessKeyId?: string;
  readonly logS3SecretFile?: string;
};
export type RestoreOptions = Omit<BackupOptions, "home"> & {
  readonly vkey: string;
  readonly oldVkey?: string;
  readonly processKeys: string;
  readonly checkpoint?: string;
};

type Settings = Readonly<Record<string, string | undefined>>;

/** `vivified backup`: of the platform in a home, or of named servers. */
export async function backup(directory: string, options: BackupOptions): Promise<void> {
  const servers = options.databaseUrlFile === undefined ? await serversOf(homePath(options.home)) : serversIn(options);
  await run({ TASK: "backup", DIRECTORY: directory, ...servers });
}

/** `vivified restore`: onto named servers that hold nothing. */
export async function restore(directory: string, options: RestoreOptions): Promise<void> {
  const { vkey, oldVkey, processKeys, checkpoint } = options;
  const keys = { VKEY_FILE: vkey, OLD_VKEY_FILE: oldVkey, PROCESS_KEYS_FILE: processKeys };
  await run({ TASK: "restore", DIRECTORY: directory, ...serversIn(options), ...keys, CHECKPOINT_FILE: checkpoint });
}

function serversIn({
  databaseUrlFile,
  natsUrl,
  natsPasswordFile,
  eventsPasswordFile,
  ...log
}: BackupOptions): Settings {
  return {
    DATABASE_URL_FILE: databaseUrlFile,
    NATS_URL: natsUrl,
    NATS_PASSWORD_FILE: natsPasswordFile,
    EVENTS_NATS_PASSWORD_FILE: eventsPasswordFile,
    AUDIT_LOG_DIR: log.logDir,
    AUDIT_LOG_S3_URL: log.logS3Url,
    AUDIT_LOG_S3_REGION: log.logS3Region,
    AUDIT_LOG_S3_ACCESS_KEY_ID: log.logS3AccessKeyId,
    AUDIT_LOG_S3_SECRET_ACCESS_KEY_FILE: log.logS3SecretFile,
  };
}

/** @throws Error when no platform was ever started there */
async function serversOf(home: string): Promise<Settings> {
  const { nats, postgres } = await readNumbers(`${home}/ports.json`);
  if (nats === undefined || postgres === undefined) throw new Error(`no platform was ever started in ${home}`);
  const password = (await readFile(`${home}/secrets/database-password`, "utf8")).trim();
  return {
    DATABASE_URL: databaseUrl(postgres, password),
    NATS_URL: `nats://127.0.0.1:${nats}`,
    NATS_PASSWORD_FILE: `${home}/secrets/nats-installer`,
    EVENTS_NATS_PASSWORD_FILE: `${home}/secrets/nats-events-installer`,
    AUDIT_LOG_DIR: `${home}/audit-log`,
  };
}

async function run(settings: Settings): Promise<void> {
  const named = Object.entries(settings).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const environment = Object.fromEntries(named.map(([name, value]) => [`VIVIFIED_BACKUP_${name}`, value]));
  await runScript("core/src/backup/main.ts", environment);
}
