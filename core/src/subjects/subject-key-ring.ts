import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { type KvEntry, Kvm } from "@nats-io/kv";
import { buckets, type SubjectKeyEntry } from "@vivified/contracts";
import { type NatsConnection, readSubjectKey, type SubjectSecret } from "@vivified/runtime";

/** The keys of data subjects as the bucket holds them. */
export type SubjectKeyRing = {
  /** @throws TypeError when what is there is no gateway's */
  readonly find: (subject: string) => Promise<SubjectKeyEntry | undefined>;
  /** Destroys this key of the subject and no other. Done before it resolves; again, it does nothing. */
  readonly destroy: (subject: string, key: string) => Promise<void>;
};

const stream = `KV_${buckets.subjectKeys}`;

export function subjectKeyRing(connection: NatsConnection, secret: SubjectSecret): SubjectKeyRing {
  const open = () => new Kvm(connection).open(buckets.subjectKeys);
  const current = async (subject: string): Promise<KvEntry | undefined> => {
    const entry = await (await open()).get(subject);
    return entry?.operation === "PUT" ? entry : undefined;
  };
  return {
    find: async (subject) => {
      const entry = await current(subject);
      return entry && readSubjectKey(subject, entry.string(), secret);
    },
    destroy: async (subject, key) => {
      const entry = await current(subject);
      if (entry === undefined || readSubjectKey(subject, entry.string(), secret).key !== key) return;
      await erase(await jetstreamManager(connection), entry.revision);
    },
  };
}

/** The server overwrites the message where it lies; a marker would leave it there until the file is compacted. */
async function erase(manager: JetStreamManager, sequence: number): Promise<void> {
  if (!(await manager.streams.deleteMessage(stream, sequence, true))) throw new Error("the key was not erased");
}
