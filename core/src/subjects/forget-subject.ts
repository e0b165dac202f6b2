import type { ForgetReply } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import type { SubjectParts } from "./subject-parts.ts";

export type ForgetSubjectDeps = {
  readonly subjectParts: SubjectParts | undefined;
  readonly atomically: Atomically<Pick<Stores, "subjects" | "decisions">>;
};

const reason = { rule: "audit.subject_forgotten", message: "A data subject's key is destroyed", fix: "" };

/**
 * Destroys a data subject's key, so that nothing kept for it can ever be opened. The record and the intention are written
 * first; should destroying fail, it is done again until it succeeds. Neither names the subject. Seen again, the subject
 * gets another key.
 *
 * @throws VivifiedError `conflict` 409 on a platform without a subject secret
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
  const change = { ...requester, action: "forget subject", resource: `subject ${hash}`, reason };
  await atomically(async (stores) => {
    if (found !== undefined) await stores.subjects.forget({ key: found.key, subject: hash });
    await stores.decisions.append([changeRecord({ ...change, labels: { destroyed: String(found !== undefined) } })]);
  });
  if (found !== undefined) await subjectParts.ring.destroy(hash, found.key);
  return { subject: hash, destroyed: found !== undefined };
}
