import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundle, openPdp, type Pdp } from "@vivified/pdp";
import type { Row } from "../table.ts";
import { inTurn, latencyOf } from "./latency.ts";
import { platformOf } from "./many-plugins.ts";
import { opa, policies, question } from "./question.ts";

const rounds = 5;
const times = 10_000;
const manyRules = 1_000;

/** What a decision costs as a platform grows: plugins and grants, and a customer's rules. */
export async function scalingBench(): Promise<Row[]> {
  return [await pluginsRow(), ...(await rulesRows())];
}

/** The whole question as the gateway asks it: grant looked up, payload described, policy asked. */
async function pluginsRow(): Promise<Row> {
  const { bundle } = await buildBundle({ opa, source: { floor: policies } });
  await using pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
  const [few, many] = await inTurn(
    rounds,
    [10, 1_000].map((plugins) => {
      const ask = platformOf(plugins, pdp);
      return () => latencyOf(times, ask);
    }),
  );
  return against("policy question p50 with 1,000 plugins and their grants, against 10", many?.p50, few?.p50);
}

async function rulesRows(): Promise<Row[]> {
  await using none = await withRules(() => undefined);
  await using keyed = await withRules((index) => `deny["plugin-${index}.operation"]`);
  await using scanned = await withRules(() => 'deny["*"]');
  const asking = (pdp: Pdp) => () => latencyOf(times, () => pdp.decide("rpc/invoke", question));
  const [bare, elsewhere, tried] = await inTurn(rounds, [none, keyed, scanned].map(asking));
  const each = ((tried?.p50 ?? Number.NaN) - (bare?.p50 ?? Number.NaN)) / manyRules;
  return [
    against("policy decision p50 with 1,000 rules keyed to other operations, against none", elsewhere?.p50, bare?.p50),
    against("policy decision p50 with 1,000 rules that are all tried, against none", tried?.p50, bare?.p50),
    { measure: "the same, for each rule tried", value: `${each.toFixed(3)} µs` },
  ];
}

function against(measure: string, ours = Number.NaN, theirs = Number.NaN): Row {
  const ratio = `${(ours / theirs).toFixed(2)} ×`;
  return { measure, value: `${ours.toFixed(1)} µs`, against: `${theirs.toFixed(1)} µs`, ratio };
}

/** The shipped policies with a customer's rules that all look at the caller and never hold. */
async function withRules(head: (index: number) => string | undefined): Promise<Pdp> {
  const customer = await mkdtemp(join(tmpdir(), "vivified-bench-rules-"));
  try {
    const heads = Array.from({ length: manyRules }, (_, index) => head(index)).filter((text) => text !== undefined);
    await mkdir(join(customer, "custom/rpc/invoke"), { recursive: true });
    if (heads.length > 0) await writeFile(join(customer, "custom/rpc/invoke/rules.rego"), rulesOf(heads));
    const { bundle } = await buildBundle({ opa, source: { floor: policies, customer } });
    return await openPdp({ bundle, maxCachedAnswers: 0 });
  } finally {
    await rm(customer, { recursive: true, force: true });
  }
}

function rulesOf(heads: readonly string[]): string {
  const rules = heads.map((head, index) => {
    const reason = `{"rule": "custom.r${index}", "message": "a rule of a customer", "fix": ""}`;
    return `${head} contains ${reason} if input.subject.id == "nobody-${index}"`;
  });
  return `package custom.rpc.invoke\n\n${rules.join("\n\n")}\n`;
}
