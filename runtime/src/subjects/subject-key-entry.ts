import { canonicalJson, SubjectKeyEntry } from "@vivified/contracts";
import { Check } from "typebox/value";
import { parseStrictJson } from "../json/parse-strict-json.ts";
import type { SubjectSecret } from "./subject-secret.ts";

type Unsigned = Omit<SubjectKeyEntry, "mac">;

/** The entry of a subject's key as it goes into the bucket: canonical JSON with a MAC over the key and whose it is. */
export function writeSubjectKey(subject: string, entry: Unsigned, secret: SubjectSecret): string {
  return canonicalJson({ ...entry, mac: secret.mac(told(subject, entry)) });
}

/**
 * An entry that a gateway of this platform wrote for this subject. Whoever can write the bucket and nothing else cannot
 * put a key of their own there. @throws TypeError for anything else
 */
export function readSubjectKey(subject: string, text: string, secret: SubjectSecret): SubjectKeyEntry {
  const entry: unknown = parseStrictJson(text);
  if (!isEntry(entry)) throw new TypeError("not a subject's key");
  const { mac, ...rest } = entry;
  if (!secret.isMac(mac, told(subject, rest))) throw new TypeError("a subject's key that no gateway wrote");
  return entry;
}

const told = (subject: string, entry: Unsigned): string => canonicalJson({ subject, entry });

function isEntry(value: unknown): value is SubjectKeyEntry {
  return Check(SubjectKeyEntry, value);
}
