import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { ProcessKeysFile } from "@vivified/contracts";

/** The key of every process in tests: Ed25519, PKCS #8 from a seed of zeroes (RFC 8410 §7). */
export const testProcessKey: KeyObject = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32)]),
  format: "der",
  type: "pkcs8",
});
export const testProcessKeyPem = testProcessKey.export({ type: "pkcs8", format: "pem" }).toString();

const publicPem = createPublicKey(testProcessKey).export({ type: "spki", format: "pem" }).toString();

/** A file in which these processes have that key. */
export function testProcessKeys(...names: readonly string[]): ProcessKeysFile {
  return Object.fromEntries(names.map((name) => [name, [publicPem]]));
}
