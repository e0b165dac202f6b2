import type { Attempt } from "../attempts/attempt.ts";
import { directDial } from "../attempts/direct-dial.ts";
import { foreignEnvoy } from "../attempts/foreign-envoy.ts";
import { forgedSource } from "../attempts/forged-source.ts";
import { hiddenOperations } from "../attempts/hidden-operations.ts";
import { phiEvent } from "../attempts/phi-event.ts";
import { privateAddress } from "../attempts/private-address.ts";
import { ungrantedDomain } from "../attempts/ungranted-domain.ts";
import type { StoryOfUser } from "../story.ts";

const attempts: readonly Attempt[] = [
  ungrantedDomain,
  privateAddress,
  hiddenOperations,
  phiEvent,
  forgedSource,
  directDial,
  foreignEnvoy,
];

/** `newsletter` tries what must fail, and each refusal is held against its record. */
export async function tryWhatMustFail(story: StoryOfUser): Promise<void> {
  story.tell.say("Each ✗ is a refusal, as it must be.");
  for (const { title, run } of attempts) {
    try {
      await run(story);
    } catch (cause) {
      throw new Error(`${title}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
}
