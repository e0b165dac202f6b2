import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessKeysFile } from "@vivified/contracts";
import { replaceFile, strictJsonOf } from "@vivified/runtime";
import { formatVerifierKey, signatureTypes, verifierKeyOf } from "@vivified/tlog";

/** A secret as a file (0600) and its text. Processes are given the file. */
export type SecretFile = { readonly file: string; readonly text: string };

/** The secret of this file: 256 random bits in base64url, made at the first call and the same ever after. */
export function secretFile(file: string): Promise<SecretFile> {
  return keep(file, () => randomBytes(32).toString("base64url"));
}

export type KeyFiles = { readonly privateFile: string; readonly publicFile: string };

/** An Ed25519 key pair as PEM files, PKCS #8 (0600) and SPKI, made at the first call. */
export async function signingKeyFiles(stem: string): Promise<KeyFiles> {
  const files = { privateFile: `${stem}.key.pem`, publicFile: `${stem}.pub.pem` };
  const { text } = await keep(files.privateFile, newPrivateKey);
  await writeFile(files.publicFile, createPublicKey(text).export({ type: "spki", format: "pem" }));
  return files;
}

/** A key by which a process signs what it says over NATS, for each process; and the public halves of all, for everybody. */
export type ProcessKeyFiles = { readonly of: (name: string) => string; readonly keysFile: string };

/** A key that was put in the place of another is known beside it, so that blocks of before still count; no third one is. */
const keptKeys = 2;

/** Makes what is not there yet. `names`: of all processes; keys of others that were made before stay known. */
export async function processKeyFiles(directory: string, names: readonly string[]): Promise<ProcessKeyFiles> {
  const keysFile = join(directory, "process-keys.json");
  const known = knownKeys(keysFile, await readFile(keysFile, "utf8").catch(() => "{}"));
  const made = await Promise.all(
    names.map(async (name) => [name, await signingKeyFiles(join(directory, `process-${name}`))] as const),
  );
  for (const [name, { publicFile }] of made) {
    const key = await readFile(publicFile, "utf8");
    known[name] = [...(known[name] ?? []).filter((one) => one !== key), key].slice(-keptKeys);
  }
  await replaceFile(keysFile, `${JSON.stringify(known, undefined, 2)}\n`, 0o600);
  return { of: (name) => join(directory, `process-${name}.key.pem`), keysFile };
}

function knownKeys(keysFile: string, text: string): ProcessKeysFile {
  const known = strictJsonOf(text);
  if (known === undefined) throw new Error(`${keysFile} is not JSON`);
  return known as ProcessKeysFile;
}

export type AuditLogKey = KeyFiles & { readonly vkeyFile: string };

/** The key that signs the audit log of this trust domain, and beside it the public key as auditors are given it (vkey). */
export async function auditLogKey(stem: string, trustDomain: string): Promise<AuditLogKey> {
  const files = await signingKeyFiles(stem);
  const key = createPublicKey(await readFile(files.publicFile, "utf8"));
  const vkeyFile = `${stem}.vkey`;
  const verifier = verifierKeyOf(`${trustDomain}/audit`, signatureTypes.note, key);
  await writeFile(vkeyFile, `${formatVerifierKey(verifier)}\n`);
  return { ...files, vkeyFile };
}

/** A P-256 key (PKCS #8, 0600), made at the first call: what is wrapped to its public half, core alone unwraps. */
export function unwrapKeyFile(file: string): Promise<SecretFile> {
  return keep(file, () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  });
}

export type PolicyKey = {
  readonly keyId: string;
  readonly privateKeyPem: string;
  /** Whose bundles are believed: this key's. What core and gateways are given. */
  readonly keysFile: string;
};

/** The RSA key that signs this platform's own policy bundles (PKCS #8, 0600), made at the first call, and who trusts it. */
export async function policyKey(stem: string): Promise<PolicyKey> {
  const { text } = await keep(`${stem}.key.pem`, newRsaKey);
  const key = createPublicKey(text).export({ type: "spki", format: "pem" }).toString();
  const keyId = "platform";
  const keysFile = `${stem}-keys.json`;
  await writeFile(keysFile, `${JSON.stringify({ [keyId]: { algorithm: "RS256", key } }, undefined, 2)}\n`);
  return { keyId, privateKeyPem: text, keysFile };
}

function newRsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 3072 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function newPrivateKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A link appears with its content or not at all: a crash never leaves half a secret. */
async function keep(file: string, make: () => string): Promise<SecretFile> {
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return { file, text: kept.trim() };
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, make(), { mode: 0o600 });
  await link(draft, file);
  await rm(draft);
  return { file, text: (await readFile(file, "utf8")).trim() };
}
