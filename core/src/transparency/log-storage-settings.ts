import { secretString } from "@vivified/runtime";
import { type Static, Type } from "typebox";

const text = (description: string, options = {}) => Type.String({ description, minLength: 1, ...options });

/** Where the audit log lies: a directory or a bucket, which `openLogStorage` holds it to. */
export const logStorageSettings = {
  auditLogDir: Type.Optional(text("Directory that keeps the audit log: tiles, entries and the newest checkpoint.")),
  auditLogS3Url: Type.Optional(text("A bucket that keeps it instead: `https://host/bucket[/prefix]`, any S3 server.")),
  auditLogS3Region: text("Region of the bucket.", { default: "us-east-1" }),
  auditLogS3AccessKeyId: Type.Optional(text("Access key id for the bucket.")),
  auditLogS3SecretAccessKey: Type.Optional(secretString({ description: "Secret access key for the bucket." })),
};
const settings = Type.Object(logStorageSettings);
export type LogStorageSettings = Static<typeof settings>;
