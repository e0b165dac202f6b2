import { createPublicKey } from "node:crypto";
import { compactVerify, decodeProtectedHeader } from "jose";
import { Type } from "typebox";
import { Value } from "typebox/value";
import type { BundleKeys } from "./bundle-keys.ts";
import { bundleRefused } from "./bundle-refused.ts";
import { hashFile } from "./hash-file.ts";
import { signaturesFile } from "./sign-files.ts";

const Signatures = Type.Object({ signatures: Type.Array(Type.String(), { minItems: 1, maxItems: 1 }) });
const Signed = Type.Object({
  files: Type.Array(Type.Object({ name: Type.String(), hash: Type.String(), algorithm: Type.String() })),
  keyid: Type.Optional(Type.String()),
});

/**
 * Checks that a trusted key signed exactly these files: none more, none less, none other (OPA's bundle signatures,
 * docs/management-bundles#signing).
 *
 * @returns the id of the key
 * @throws VivifiedError `policy_bundle_refused`: `unsigned`, `unknown_key`, `bad_signature`, `digest_mismatch`
 */
export async function verifyFiles(files: ReadonlyMap<string, Buffer>, keys: BundleKeys): Promise<string> {
  const token = tokenIn(files);
  const { keyId, key } = keyOf(token, keys);
  const signed = await signedFiles(token, key);
  const unsigned = new Set([...files.keys()].filter((name) => name !== signaturesFile));
  for (const { name, hash, algorithm } of signed) {
    const bytes = files.get(name);
    if (bytes === undefined || !unsigned.delete(name)) throw mismatch(`${name} was signed and is not there`);
    if (hashFile(name, bytes, algorithm) !== hash) throw mismatch(`${name} is not what was signed`);
  }
  const [stranger] = unsigned;
  if (stranger !== undefined) throw mismatch(`${stranger} was not signed`);
  return keyId;
}

function tokenIn(files: ReadonlyMap<string, Buffer>): string {
  const bytes = files.get(signaturesFile);
  if (bytes === undefined) throw bundleRefused("unsigned", `there is no ${signaturesFile}`);
  const value = jsonOf(bytes);
  if (!Value.Check(Signatures, value)) throw bundleRefused("unsigned", `${signaturesFile} holds no single signature`);
  return value.signatures[0] ?? "";
}

function keyOf(token: string, keys: BundleKeys) {
  const keyId = keyIdOf(token);
  const key = keys.get(keyId);
  if (key === undefined) throw bundleRefused("unknown_key", `key ${JSON.stringify(keyId)} is not trusted`);
  return { keyId, key };
}

/** The header's `kid`, else the claim that older versions of OPA write. Nothing is believed yet. */
function keyIdOf(token: string): string {
  try {
    const claimed: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return decodeProtectedHeader(token).kid ?? (Value.Check(Signed, claimed) ? (claimed.keyid ?? "") : "");
  } catch (cause) {
    throw bundleRefused("bad_signature", "the signature cannot be read", cause);
  }
}

async function signedFiles(token: string, key: NonNullable<ReturnType<BundleKeys["get"]>>) {
  const { algorithm } = key;
  const { payload } = await compactVerify(token, createPublicKey(key.key), { algorithms: [algorithm] }).catch(
    (cause: unknown) => {
      throw bundleRefused("bad_signature", "the signature is not by this key", cause);
    },
  );
  const value = jsonOf(Buffer.from(payload));
  if (!Value.Check(Signed, value)) throw bundleRefused("bad_signature", "what was signed names no files");
  return value.files;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw bundleRefused("bad_signature", `${signaturesFile} is not JSON`, cause);
  }
}

const mismatch = (detail: string) => bundleRefused("digest_mismatch", detail);
