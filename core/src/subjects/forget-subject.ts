import type { ForgetReply } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { type Change, changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { SealedFor } from "../retention/index.ts";
import type { Stores } from "../stores.ts";
import type { SubjectParts } from "./subject-parts.ts";

export type ForgetSubjectDeps = {
  readonly subjectParts: SubjectParts | undefined;
  readonly atomically: Atomically<Pick<Stores, "subjects" | "holds" | "decisions">>;
};

const forgotten = { rule: "audit.subject_forgotten", message: "A data subject's key is destroyed", fix: "" };
const held = {
  rule: "audit.forgetting_held",
  message: "A legal hold keeps what records keep of a data subject",
  fix: "ask again once the hold is lifted",
};

/**
 * Destroys a data subject's key, so that nothing kept for it can ever be opened. The record and the intention are written
 * first; should destroying fail, it is done again until it succeeds. Neither names the subject. Seen again, the subject
 * gets another key. What a legal hold covers has to stay readable (GDPR, Article 17(3)(e)): then the refusal is recorded instead.
 *
 * @throws VivifiedError `conflict` 409 on a platform without a subject secret, `legal_hold` 409 naming the hold
 */
export async function forgetSubject(
  subject: string,
  requester: Requester,
  { subjectParts, atomically }: ForgetSubjectDeps,
): Promise<ForgetReply> {
  if (subjectParts === undefined)
    throw new VivifiedError("conflict", { detail: "this platform keeps nothing of subjects" });
  const hash = subjectParts.secret.hash(subject);
  const found = await subjectParts.ring.find(hash);
  const change = { ...requester, action: "forget subject", resource: `subject ${hash}` };
  const hold = await atomically(async (stores) => {
    const sealed = found && { key: found.key, subject: hash };
    const hold = await holdOver(sealed, stores);
    if (hold === undefined && sealed !== undefined) await stores.subjects.forget(sealed);
    await stores.decisions.append([changeRecord({ ...change, ...outcomeOf(hold, found !== undefined) })]);
    return hold;
  });
  if (hold !== undefined) throw new VivifiedError("legal_hold", { detail: `hold ${hold}`, extra: { reasons: [held] } });
  if (found !== undefined) await subjectParts.ring.destroy(hash, found.key);
  return { subject: hash, destroyed: found !== undefined };
}

/** Nobody places a hold from here to the end of the transaction; one that is placed later finds the key gone. */
async function holdOver(sealed: SealedFor | undefined, { holds }: Pick<Stores, "holds">): Promise<string | undefined> {
  if (sealed === undefined) return undefined;
  await holds.lock();
  return holds.overKept(sealed);
}

function outcomeOf(
  hold: string | undefined,
  destroyed: boolean,
): Pick<Change, "entrypoint" | "target" | "reason" | "labels"> {
  if (hold !== undefined) return { entrypoint: "refused", target: hold, reason: held };
  return { reason: forgotten, labels: { destroyed: String(destroyed) } };
}
