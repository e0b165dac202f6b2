import { readFile } from "node:fs/promises";
import { parseVerifierKey, type SignatureType, signatureTypes, type VerifierKey } from "@vivified/tlog";

/** The public key of the log, given as text or as a file that holds it. @throws Error for none */
export const logKey = (given: string): Promise<VerifierKey> => keyOf(given, signatureTypes.note);

/** The key that a log had before it was changed, given likewise. @throws Error for none, and for one of another log */
export async function oldLogKey(given: string, log: VerifierKey): Promise<VerifierKey> {
  const old = await logKey(given);
  if (old.name === log.name) return old;
  throw new Error(`${given} is the key of ${old.name}, not an older one of ${log.name}`);
}

/** The public key of a witness. @throws Error for none */
export const witnessKey = (given: string): Promise<VerifierKey> => keyOf(given, signatureTypes.cosignature);

async function keyOf(given: string, type: SignatureType): Promise<VerifierKey> {
  const text = parseVerifierKey(given) === undefined ? await readFile(given, "utf8").catch(() => given) : given;
  const key = parseVerifierKey(text.trim());
  if (key?.type === type) return key;
  const wanted = type === signatureTypes.note ? "the key of a log" : "the key of a witness";
  throw new Error(`${given} is not ${wanted}, as name+id+base64, nor a file with one`);
}
