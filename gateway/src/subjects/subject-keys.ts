import type { KV } from "@nats-io/kv";
import type { JsonObject, SubjectKeyEntry } from "@vivified/contracts";
import { newSubjectKey, readSubjectKey, type SubjectSecret, VivifiedError } from "@vivified/runtime";

export type SubjectKeysDeps = {
  readonly open: () => Promise<KV>;
  readonly secret: SubjectSecret;
  readonly newId: () => string;
};

/** Gives the key of a subject, by its hash. @throws VivifiedError `audit_unavailable` 503 */
export type SubjectKeys = (subject: string, wrapKey: JsonObject) => Promise<SubjectKeyEntry>;

const attempts = 3;

/**
 * Subjects' keys in NATS KV, made when a subject is first seen: several gateways agree on one by compare-and-set. It is
 * read every time and never kept here, so a key that was destroyed is used by nobody, and comes back from nowhere.
 */
export function subjectKeys({ open, secret, newId }: SubjectKeysDeps): SubjectKeys {
  const read = async (bucket: KV, subject: string): Promise<SubjectKeyEntry | undefined> => {
    const entry = await bucket.get(subject);
    if (entry === null || entry.operation !== "PUT") return undefined;
    return readSubjectKey(subject, entry.string(), secret);
  };
  const found = async (subject: string, wrapKey: JsonObject): Promise<SubjectKeyEntry> => {
    const bucket = await open();
    for (let attempt = 1; ; attempt += 1) {
      const known = await read(bucket, subject);
      if (known !== undefined) return known;
      const entry = await newSubjectKey(subject, { secret, wrapKey, newId });
      await bucket.create(subject, entry).catch((error: unknown) => {
        if (attempt === attempts) throw error; // otherwise another gateway was first: its key is read
      });
    }
  };
  return (subject, wrapKey) =>
    found(subject, wrapKey).catch((cause: unknown) => {
      throw new VivifiedError("audit_unavailable", { cause });
    });
}
