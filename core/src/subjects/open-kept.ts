import {
  isJsonObject,
  type JsonValue,
  type KeptPayload,
  keptPayloadType,
  type OpenedPayload,
  type SubjectKeyEntry,
  subjectJwe,
  wrappedSubjectKeyType,
} from "@vivified/contracts";
import { parseStrictJson, VivifiedError } from "@vivified/runtime";
import { type CryptoKey, compactDecrypt, importJWK } from "jose";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import type { SubjectParts } from "./subject-parts.ts";

export type OpenKeptDeps = {
  readonly subjectParts: SubjectParts | undefined;
  readonly stores: Pick<Stores, "decisions">;
  readonly atomically: Atomically<Pick<Stores, "decisions">>;
};

const reason = { rule: "audit.kept_opened", message: "What was kept of a payload was opened", fix: "" };
const gone = "nothing was kept with this decision, or it was forgotten";

/**
 * Opens what was kept of a payload, and records that before it is given out.
 *
 * @throws VivifiedError `not_found` when there is no such decision, nothing was kept with it, or its key was destroyed
 */
export async function openKept(decisionId: string, requester: Requester, deps: OpenKeptDeps): Promise<OpenedPayload> {
  const kept = (await deps.stores.decisions.find(decisionId))?.record.kept;
  const { subjectParts } = deps;
  if (kept === undefined || subjectParts === undefined) throw new VivifiedError("not_found", { detail: gone });
  const entry = await subjectParts.ring.find(kept.subject);
  if (entry === undefined || entry.key !== kept.key) throw new VivifiedError("not_found", { detail: gone });
  const fields = await opened(kept, { decisionId, key: await unwrapped(kept.subject, entry, subjectParts.unwrapKey) });
  const resource = `subject ${kept.subject}`;
  const change = { ...requester, action: "open kept payload", resource, target: decisionId, reason };
  await deps.atomically(({ decisions }) => decisions.append([changeRecord(change)]));
  return { decision_id: decisionId, subject: kept.subject, fields };
}

/** The subject's private key, which is held no longer than it is used. */
async function unwrapped(subject: string, { key, wrapped }: SubjectKeyEntry, unwrapKey: CryptoKey) {
  const { plaintext, protectedHeader } = await compactDecrypt(wrapped, unwrapKey, only);
  const { typ, kid } = protectedHeader;
  if (typ !== wrappedSubjectKeyType || kid !== key || protectedHeader.subject !== subject) throw foreign();
  return importJWK(JSON.parse(new TextDecoder().decode(plaintext)), subjectJwe.alg);
}

type Opening = { readonly decisionId: string; readonly key: Awaited<ReturnType<typeof importJWK>> };

/** A ciphertext names its record, so that none can be put into another. */
async function opened({ jwe, key: kid }: KeptPayload, { decisionId, key }: Opening) {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, key, only);
  const { typ, decision_id } = protectedHeader;
  if (typ !== keptPayloadType || protectedHeader.kid !== kid || decision_id !== decisionId) throw foreign();
  const fields = parseStrictJson(new TextDecoder().decode(plaintext)) as JsonValue;
  if (!isJsonObject(fields)) throw foreign();
  return { ...fields };
}

const only = { keyManagementAlgorithms: [subjectJwe.alg], contentEncryptionAlgorithms: [subjectJwe.enc] };
const foreign = () => new TypeError("the ciphertext belongs elsewhere");
