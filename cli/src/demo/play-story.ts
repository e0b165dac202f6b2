import { startPlatform } from "../platform/start-platform.ts";
import { isolationNotice } from "../terminal/isolation-notice.ts";
import { untilAborted } from "../terminal/stop-on-signal.ts";
import { tellEvent } from "../terminal/tell-event.ts";
import { claim } from "./claim.ts";
import { demoPlugins } from "./demo-plugins.ts";
import type { Narrator } from "./narrator.ts";
import { openOutsideWorld } from "./outside-world/outside-world.ts";
import { Puppet } from "./puppet.ts";
import { complete } from "./steps/complete.ts";
import { createUser } from "./steps/create-user.ts";
import { hearOfIt } from "./steps/hear-of-it.ts";
import { joinPlugins } from "./steps/join.ts";
import { readAsNewsletter } from "./steps/read-as-newsletter.ts";
import { sendWelcome } from "./steps/send-welcome.ts";
import { setPreferences } from "./steps/set-preferences.ts";
import { showRecord } from "./steps/show-record.ts";
import { tryWhatMustFail } from "./steps/try-what-must-fail.ts";
import type { Story } from "./story.ts";

/** A step that failed: which, and why. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  readonly step: string;

  constructor(number: number, title: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.step = `${number}. ${title}`;
  }
}

/**
 * Plays the onboarding story on a platform in this home, every step checked against what really happened.
 *
 * @param stop ends it before the next step, with nothing left running
 * @throws StepFailure; the reason of `stop`
 */
export async function playStory(home: string, tell: Narrator, stop: AbortSignal): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const step = numberedSteps(tell, stop);
  const story = await step("The platform starts, and four plugins join it", () => begin({ home, tell, stop, stack }));
  const ofUser = await step("An admin creates a user", () => createUser(story));
  await step("Who may hear of it, hears of it", () => hearOfIt(ofUser));
  await step("The workflow has a welcome mail sent", async () => {
    await sendWelcome(ofUser);
    await readAsNewsletter(ofUser);
  });
  await step("The workflow sets preferences outside the platform", () => setPreferences(ofUser));
  await step("The workflow says that it is done", () => complete(ofUser));
  await step("newsletter tries what must fail", () => tryWhatMustFail(ofUser));
  await step("The record of everything", () => showRecord(ofUser));
}

type Beginning = {
  readonly home: string;
  readonly tell: Narrator;
  readonly stop: AbortSignal;
  readonly stack: AsyncDisposableStack;
};

async function begin({ home, tell, stop, stack }: Beginning): Promise<Story> {
  const since = new Date().toISOString();
  const world = stack.use(await openOutsideWorld());
  const outside = { insecureEgressGrants: true, dnsServers: [world.names.address] };
  const platform = stack.use(await startPlatform({ home, ...outside, onProgress: tell.say, onEvent: tellEvent }));
  stop.throwIfAborted();
  tell.say(isolationNotice(platform.isolation));
  tell.say("letting four plugins join");
  await Promise.race([joinPlugins(platform, demoPlugins(world), tell), untilAborted(stop)]);
  stop.throwIfAborted();
  const newsletter = platform.plugins.get("newsletter");
  claim(newsletter !== undefined, "newsletter runs");
  return { platform, world, newsletter: new Puppet(newsletter.process), tell, since };
}

function numberedSteps(tell: Narrator, stop: AbortSignal) {
  let number = 0;
  return async <T>(title: string, run: () => Promise<T>): Promise<T> => {
    stop.throwIfAborted();
    number += 1;
    const started = performance.now();
    tell.step(number, title);
    const result = await run().catch((cause: unknown) => {
      throw new StepFailure(number, title, cause);
    });
    tell.stepDone(title, performance.now() - started);
    return result;
  };
}
