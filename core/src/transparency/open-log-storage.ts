import { VivifiedError } from "@vivified/runtime";
import { diskStorage } from "./log-storage.disk.ts";
import { s3Storage } from "./log-storage.s3.ts";
import type { LogStorage } from "./log-storage.ts";
import type { LogStorageSettings } from "./log-storage-settings.ts";

/** Where the configuration says that the log lies. @throws VivifiedError `invalid_config` unless it names one place, whole */
export function openLogStorage(settings: LogStorageSettings): LogStorage {
  const { auditLogDir: directory, auditLogS3Url: url, auditLogS3Region: region } = settings;
  const { auditLogS3AccessKeyId: accessKeyId, auditLogS3SecretAccessKey: secretAccessKey } = settings;
  if ((directory === undefined) === (url === undefined))
    throw invalid("either AUDIT_LOG_DIR or AUDIT_LOG_S3_URL must be set");
  if (directory !== undefined) return diskStorage(directory);
  if (url === undefined || !/^https?:\/\/[^/?#]+\/[^?#]+$/.test(url)) throw invalid("AUDIT_LOG_S3_URL names no bucket");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw invalid("AUDIT_LOG_S3_URL wants AUDIT_LOG_S3_ACCESS_KEY_ID and AUDIT_LOG_S3_SECRET_ACCESS_KEY");
  }
  return s3Storage({ url, region, accessKeyId, secretAccessKey });
}

const invalid = (detail: string) => new VivifiedError("invalid_config", { detail });
