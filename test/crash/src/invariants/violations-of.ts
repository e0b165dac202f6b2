import type { Evidence, Violation } from "../evidence/evidence.ts";
import { indexTrail } from "../evidence/trail-index.ts";
import { answersAreTrue } from "./answers-are-true.ts";
import { chainsAreWhole } from "./chains-are-whole.ts";
import { databaseIsTheStream } from "./database-is-the-stream.ts";
import { deniedIsNotDone } from "./denied-is-not-done.ts";
import { effectsAreRecorded } from "./effects-are-recorded.ts";
import { logVerifies } from "./log-verifies.ts";
import { publishedIsDelivered } from "./published-is-delivered.ts";

const invariants = [
  effectsAreRecorded,
  publishedIsDelivered,
  deniedIsNotDone,
  chainsAreWhole,
  databaseIsTheStream,
  logVerifies,
  answersAreTrue,
] as const;

/** Everything in the evidence that must not be. */
export function violationsOf(evidence: Evidence): readonly Violation[] {
  const trail = indexTrail(evidence);
  return invariants.flatMap((holds) => [...holds(evidence, trail)]);
}
