import type { ForgetReply } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { obstacleTo, refusalFor, toldOf } from "./forgetting-obstacle.ts";
import type { SubjectParts } from "./subject-parts.ts";
import type { ForgottenKey } from "./subject-store.ts";

export type ForgetSubjectDeps = {
  readonly subjectParts: SubjectParts | undefined;
  readonly atomically: Atomically<Pick<Stores, "subjects" | "holds" | "decisions">>;
  /** Waits until every block that the stream has by now was taken in; false when that takes too long. */
  readonly caughtUp: () => Promise<boolean>;
};

/**
 * Destroys a data subject's key, so that nothing kept for it can ever be opened. The record and the intention are written
 * first; should destroying fail, it is done again until it succeeds. Neither names the subject. Seen again, the subject
 * gets another key. What a legal hold covers has to stay readable (GDPR, Article 17(3)(e)): then the refusal is recorded
 * instead, and so it is while records that a hold might cover are not in the database yet.
 *
 * @throws VivifiedError `conflict` 409 on a platform without a subject secret, `legal_hold` 409 naming the hold,
 * `audit_behind` 503
 */
export async function forgetSubject(
  subject: string,
  requester: Requester,
  deps: ForgetSubjectDeps,
): Promise<ForgetReply> {
  const { subjectParts } = deps;
  if (subjectParts === undefined)
    throw new VivifiedError("conflict", { detail: "this platform keeps nothing of subjects" });
  const hash = subjectParts.secret.hash(subject);
  const key = (await subjectParts.ring.find(hash))?.key;
  await intend({ hash, key, requester }, deps);
  if (key !== undefined) await subjectParts.ring.destroy(hash, key);
  return { subject: hash, destroyed: key !== undefined };
}

type Asked = { readonly hash: string; readonly key: string | undefined; readonly requester: Requester };

/** Makes durable that the key is to be destroyed, or why not. @throws VivifiedError `legal_hold`, `audit_behind` */
async function intend({ hash, key, requester }: Asked, deps: ForgetSubjectDeps): Promise<void> {
  const sealed = key === undefined ? undefined : { key, subject: hash };
  const seen = sealed !== undefined && (await allSeen(sealed, deps));
  const change = { ...requester, action: "forget subject", resource: `subject ${hash}` };
  const obstacle = await deps.atomically(async (stores) => {
    const found = sealed && (await obstacleTo(sealed, seen, stores));
    if (found === undefined && sealed !== undefined) await stores.subjects.forget(sealed);
    await stores.decisions.append([changeRecord({ ...change, ...toldOf(found, sealed !== undefined) })]);
    return found;
  });
  if (obstacle !== undefined) throw refusalFor(obstacle);
}

/** Whether all that the key had sealed when it was found is in the database; not asked where no hold could cover it. */
async function allSeen(sealed: ForgottenKey, { atomically, caughtUp }: ForgetSubjectDeps): Promise<boolean> {
  const asked = await atomically(
    async ({ holds, subjects }) => (await holds.any()) && !(await subjects.isForgotten(sealed)),
  );
  return asked && (await caughtUp());
}
