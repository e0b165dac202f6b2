import { type Ran, vivifiedWith } from "../audit.fixtures.ts";

const mark = "cpu microseconds: ";
const tell = `process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error("${mark}" + (user + system)); });`;

/** Runs `vivified audit …` and says how long it had a processor: all of its threads, in seconds. */
export async function measuredAudit(...args: readonly string[]): Promise<Ran & { readonly cpuSeconds: number }> {
  const ran = await vivifiedWith([`--import=data:text/javascript,${encodeURIComponent(tell)}`], ["audit", ...args]);
  const [err = "", microseconds] = ran.err.split(mark);
  return { ...ran, err, cpuSeconds: Number(microseconds) / 1_000_000 };
}
