import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type KV, Kvm } from "@nats-io/kv";
import { buckets, type JsonObject, type KeptPayload } from "@vivified/contracts";
import {
  deriveSubjectSecret,
  type NatsConnection,
  newSubjectKey,
  readSubjectKey,
  sealForSubject,
  uuidv7,
} from "@vivified/runtime";
import type { TestGround } from "../core.fixtures.ts";

const subjectSecret = "the subject secret of a test";
export const secret = deriveSubjectSecret(subjectSecret);

/** Core's environment on a platform that may keep payloads. */
export async function subjectEnvironment({ directory }: TestGround): Promise<Record<string, string>> {
  const file = join(directory, "audit-subject.pem");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(file, privateKey.export({ type: "pkcs8", format: "pem" }));
  return { VIVIFIED_CORE_SUBJECT_KEY_FILE: file, VIVIFIED_CORE_SUBJECT_SECRET: subjectSecret };
}

export const keysIn = (nats: NatsConnection): Promise<KV> => new Kvm(nats).open(buckets.subjectKeys);

/** Gives a subject a key, as a gateway does: the text of its entry. */
export async function giveKey(subject: string, wrapKey: JsonObject, bucket: KV): Promise<string> {
  const hash = secret.hash(subject);
  const text = await newSubjectKey(hash, { secret, wrapKey, newId: uuidv7 });
  await bucket.create(hash, text);
  return text;
}

/** Seals fields for the subject, as a gateway does. */
export async function sealed(
  subject: string,
  fields: JsonObject,
  at: { id: string; bucket: KV },
): Promise<KeptPayload> {
  const hash = secret.hash(subject);
  const text = (await at.bucket.get(hash))?.string() ?? "";
  const entry = readSubjectKey(hash, text, secret);
  return { subject: hash, key: entry.key, jwe: await sealForSubject(fields, entry, at.id) };
}
