import { type KeyObject, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Kvm } from "@nats-io/kv";
import { buckets, mintJoinToken, type ProcessName, processSpiffeId } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";

export type ProcessTokenOptions = {
  readonly nats: NatsConnection;
  readonly trustDomain: string;
  readonly rootHash: string;
  /** Private, Ed25519: the platform's snapshot key. */
  readonly signingKey: KeyObject;
};

/** Makes a one-time token for one of our own processes and writes it to a file that only we can read. */
export async function writeProcessToken(name: ProcessName, file: string, options: ProcessTokenOptions): Promise<void> {
  const spiffeId = processSpiffeId(options.trustDomain, name);
  const { rootHash, signingKey } = options;
  const made = mintJoinToken({ spiffeId, rootHash, signingKey, random: randomBytes(32), nowMs: Date.now() });
  const bucket = await new Kvm(options.nats).open(buckets.joinTokens);
  await bucket.create(made.key, JSON.stringify(made.entry));
  await writeTokenFile(file, made.token);
}

export function writeTokenFile(file: string, token: string): Promise<void> {
  return writeFile(file, token, { mode: 0o600 });
}
