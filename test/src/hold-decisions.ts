import type { AdminApi } from "@vivified/cli";
import type { RecordPage } from "@vivified/contracts";
import { canonicalJson, platformRules } from "@vivified/contracts";
import { judgeCases, type LoggedQuestion, openBundle, readRecord } from "@vivified/pdp";

/** How many decisions were judged again, and those that came out otherwise. */
export type HeldDecisions = { readonly judged: number; readonly different: readonly string[] };

const opa = process.env.VIVIFIED_OPA ?? "opa";

/**
 * Judges every decision of a platform's log again, with the bundle of its own revision as core keeps it, on the
 * interpreter and on our engine: what was logged must be what both say, byte for byte (RFC 8785).
 */
export async function holdDecisions(api: AdminApi): Promise<HeldDecisions> {
  const read = (await allRecords(api)).map(readRecord);
  const asked = read.filter((question) => typeof question !== "string");
  const byRevision = Map.groupBy(asked, ({ revision }) => revision);
  const different: string[] = read.filter((question) => question === "unreadable");
  for (const [revision, questions] of byRevision) different.push(...(await differencesIn(revision, questions, api)));
  return { judged: asked.length, different };
}

async function allRecords(api: AdminApi): Promise<unknown[]> {
  const records: unknown[] = [];
  let after = "";
  do {
    const page = await api.call<RecordPage>("GET", `/admin/decisions/records?limit=1000${after}`);
    records.push(...page.records);
    after = page.next === undefined ? "" : `&after=${encodeURIComponent(page.next)}`;
  } while (after !== "");
  return records;
}

async function differencesIn(revision: string, questions: readonly LoggedQuestion[], api: AdminApi): Promise<string[]> {
  const bundle = await openBundle(await api.download(`/admin/policies/bundles/${revision}`));
  const cases = questions.map((question) => {
    return { ...question, name: question.decision_id, expect: { effect: question.verdict.effect } };
  });
  const judged = await judgeCases({ opa, bundle }, cases);
  return judged.flatMap(({ case: { name, entrypoint, verdict }, interpreted, decided }) => {
    const logged = canonicalJson(verdict);
    // The interpreter knows no budgets and no bounds of ours.
    const engines = isPlatforms(verdict) ? { decided } : { decided, interpreted };
    const wrong = Object.entries(engines).filter(([, answer]) => canonicalJson(answer) !== logged);
    return wrong.map(
      ([engine, answer]) => `${entrypoint} ${name}: logged ${logged}, ${engine} ${canonicalJson(answer)}`,
    );
  });
}

const isPlatforms = ({ reasons }: LoggedQuestion["verdict"]): boolean =>
  reasons.some(({ rule }) => Object.hasOwn(platformRules, rule));
