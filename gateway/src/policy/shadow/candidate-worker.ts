import { parentPort, workerData } from "node:worker_threads";
import { type PolicyInputs, verdictOf } from "@vivified/contracts";
import { type AnyEntrypoint, openPdp } from "@vivified/pdp";
import type { CandidateBatch, CandidateData, CandidateQuestion } from "./candidate-messages.ts";

/** The thread of a candidate policy: a PDP of its own, asked in batches. */
const { bundle }: CandidateData = workerData;
// Buffers cross over as plain byte arrays.
const modules = new Map([...bundle.modules].map(([name, bytes]) => [name, Buffer.from(bytes)]));
const pdp = await openPdp({ bundle: { ...bundle, modules } });

parentPort?.on("message", async (batch: CandidateBatch) => {
  const answers = [];
  for (const question of batch) answers.push(await answerTo(question));
  parentPort?.postMessage(answers);
});

async function answerTo({ entrypoint, input }: CandidateQuestion) {
  return verdictOf(await pdp.decide(entrypoint, input as unknown as PolicyInputs[AnyEntrypoint]));
}
