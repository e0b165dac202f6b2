import { buildBundle, openPdp } from "@vivified/pdp";
import type { Row } from "../table.ts";
import { opa, policies, question } from "./question.ts";

const evaluations = 10_000_000;
const different = 1_000;
const mebibyte = 1024 * 1024;

/** Ten million evaluations, none from the cache: memory of the engine and of the process, before and after. */
export async function soakBench(): Promise<Row[]> {
  const { bundle } = await buildBundle({ opa, source: { floor: policies } });
  await using pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
  const questions = Array.from({ length: different }, (_, index) => questionOf(index));
  const ask = async (times: number) => {
    for (let index = 0; index < times; index++)
      await pdp.decide("rpc/invoke", questions[index % different] ?? question);
  };
  await ask(100_000); // until the compiler and the collector have settled
  const before = memoryOf(pdp);
  await ask(evaluations);
  const after = memoryOf(pdp);
  const rows = Object.entries(after).map(([name, value]) => ({
    measure: `${evaluations.toLocaleString("en")} evaluations: ${name} after, against before`,
    value: String(value),
    against: String(before[name as keyof typeof before]),
  }));
  return rows;
}

function memoryOf(pdp: Awaited<ReturnType<typeof openPdp>>) {
  const stats = [...pdp.stats().values()];
  const sum = (of: "pages" | "replaced") => stats.reduce((total, module) => total + module[of], 0);
  const resident = `${Math.round(process.memoryUsage.rss() / mebibyte)} MiB`;
  return { "pages of Wasm memory": sum("pages"), "instances replaced": sum("replaced"), "resident memory": resident };
}

/** Fields, traits and grants in turn, so that allows, denials and obligations all happen. */
function questionOf(index: number): typeof question {
  const fields = question.fields.map((field, at) => ({ ...field, path: `${field.path}${(index * 7 + at) % 40}` }));
  const traits = index % 3 === 0 ? ["handles_pii"] : [];
  const asked = { ...question, resource: { ...question.resource, traits }, fields };
  const { grant: _, ...ungranted } = asked;
  return (index % 5 === 0 ? ungranted : asked) as unknown as typeof question;
}
