/** What a witness's signature holds (tlog-cosignature, format): when it was made, and the Ed25519 signature. */
export type Timestamped = {
  /** seconds since 1970 */
  readonly timestamp: number;
  readonly signature: Uint8Array;
};

/** What a witness signs (tlog-cosignature, Ed25519 signed message): when it saw the checkpoint, and its whole text. */
export function cosignedMessage(text: string, timestamp: number): string {
  return `cosignature/v1\ntime ${timestamp}\n${text}`;
}

export function formatTimestamped({ timestamp, signature }: Timestamped): Uint8Array {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  return Buffer.concat([time, signature]);
}

/** Undefined when the length is wrong or the time lies beyond what a number holds exactly. */
export function parseTimestamped(bytes: Uint8Array): Timestamped | undefined {
  if (bytes.length !== 8 + 64) return undefined;
  const timestamp = Number(Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE());
  return Number.isSafeInteger(timestamp) ? { timestamp, signature: bytes.subarray(8) } : undefined;
}
