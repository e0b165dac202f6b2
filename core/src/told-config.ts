import { readFile } from "node:fs/promises";
import { describeBundleKeys, parseBundleKeys } from "@vivified/pdp";
import { describeConfig, describeKey, describeProcessKeyFiles, type ToldConfig } from "@vivified/runtime";
import { CoreConfig } from "./config.ts";
import { readLogIdentity } from "./transparency/index.ts";

/**
 * What core was told, in words for the record of its start. Beside settings it names public keys: whose policies are
 * believed (`POLICY_KEYS`), whose decision blocks count (`PROCESS_KEYS`), what the log is signed with (`AUDIT_LOG_KEY`,
 * `AUDIT_LOG_OLD_KEY`), and of the keys of snapshots, tokens and its own blocks (`PROCESS_KEY`) the hex SHA-256 of their
 * SubjectPublicKeyInfo.
 *
 * @throws VivifiedError `invalid_config` for a file that holds no key
 */
export async function toldConfig(config: CoreConfig): Promise<ToldConfig> {
  const log = await readLogIdentity(config, config.trustDomain);
  return {
    ...describeConfig(CoreConfig, config),
    POLICY_KEYS: describeBundleKeys(parseBundleKeys(await readFile(config.policyKeysFile, "utf8"))),
    AUDIT_LOG_KEY: log.vkey,
    ...(log.old !== undefined && { AUDIT_LOG_OLD_KEY: log.old.vkey }),
    SNAPSHOT_KEY: describeKey(await readFile(config.snapshotKeyFile, "utf8"), "SNAPSHOT_KEY_FILE"),
    ...(await describeProcessKeyFiles(config)),
    TOKEN_KEY: describeKey(await readFile(config.tokenKeyFile, "utf8"), "TOKEN_KEY_FILE"),
  };
}
