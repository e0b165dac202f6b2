import { join } from "node:path";
import type { JsonValue } from "@vivified/contracts";
import type { PolicyBundle, PolicyRule } from "../../bundle/policy-bundle.ts";
import type { Question } from "../question.ts";
import { fitForTrace } from "./fit-for-trace.ts";
import { type FailedCondition, failedCondition } from "./near-miss.ts";
import { readTrace, type TracedRule } from "./read-trace.ts";
import { parseRules, type RuleSource } from "./rule-source.ts";
import type { Place } from "./trace-event.ts";
import { stageSources, type TraceOptions, traceQuestion } from "./trace-question.ts";

type ToldRule = Place & { readonly rule: string } & Pick<PolicyRule, "title" | "effect" | "mode">;

/** A rule whose conditions were all true, with what it said each time. In mode `report` or `off` it did not count. */
export type FiredRule = ToldRule & { readonly said: readonly JsonValue[] };

/** A rule that did not fire, and the first condition of it that was not true. */
export type NearMiss = ToldRule & { readonly failed: FailedCondition };

export type TracedRules = {
  readonly fired: readonly FiredRule[];
  /** Nearest first. */
  readonly near: readonly NearMiss[];
  /** Rules for this kind of question that are keyed to another operation, event type, host or route. */
  readonly not_tried: number;
  /** With how many of the question's fields the rules were traced, when there were too many for all. */
  readonly traced_fields?: number;
};

export type TracedRulesOptions = TraceOptions & { readonly bundle: PolicyBundle; readonly question: Question };

/**
 * How every rule went that may have a say in a question.
 *
 * @throws VivifiedError `invalid_config` when OPA cannot evaluate the rules
 */
export async function tracedRules(options: TracedRulesOptions): Promise<TracedRules> {
  const { bundle, question } = options;
  const input = fitForTrace(question.input, bundle.sources.values());
  const { events } = await traceQuestion(options, { ...question, input });
  const traced = readTrace(events);
  const near = await nearMisses({ ...options, question: { ...question, input } }, traced);
  const fields = input === question.input ? undefined : input.fields;
  return {
    fired: traced.filter(({ said }) => said.length > 0).map((rule) => ({ ...told(rule, bundle), said: rule.said })),
    near,
    not_tried: notTried(bundle, question, traced),
    ...(Array.isArray(fields) && { traced_fields: fields.length }),
  };
}

async function nearMisses(options: TracedRulesOptions, traced: readonly TracedRule[]): Promise<NearMiss[]> {
  const { bundle, question } = options;
  const failed = traced.filter(({ failure }) => failure !== undefined);
  const sources = await ruleSources(options, new Set(failed.map(({ file }) => file)));
  const near = failed.flatMap((rule) => {
    const source = sources.find(({ file, row }) => file === rule.file && row === rule.row);
    if (source === undefined || rule.failure === undefined) return [];
    return [{ ...told(rule, bundle), failed: failedCondition(source, rule.failure, question.input) }];
  });
  return near.sort(
    (a, b) => missing(a) - missing(b) || b.failed.passed - a.failed.passed || (a.rule < b.rule ? -1 : 1),
  );
}

/** How many conditions were not seen to be true. */
const missing = ({ failed: { of, passed } }: NearMiss): number => of - passed;

async function ruleSources({ opa, bundle }: TracedRulesOptions, files: ReadonlySet<string>): Promise<RuleSource[]> {
  await using staged = await stageSources(bundle);
  const directory = join(staged.directory, "policy");
  return (await Promise.all([...files].map((file) => parseRules(opa, directory, file)))).flat();
}

function told({ id, file, row, col }: TracedRule, { rules }: PolicyBundle): ToldRule {
  const rule = rules.find((known) => known.id === id);
  const { title = id, effect = "deny", mode = "enforce" } = rule ?? {};
  return { rule: id, title, effect, mode, file, row, col };
}

function notTried({ rules }: PolicyBundle, { entrypoint }: Question, traced: readonly TracedRule[]): number {
  const name = entrypoint.replace("/", ".");
  const concerned = rules.filter(({ package: of }) => of === `vivified.${name}` || of === `custom.${name}`);
  const tried = new Set(traced.map(({ id }) => id));
  return concerned.filter(({ id }) => !tried.has(id)).length;
}
