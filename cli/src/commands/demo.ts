import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { terminalNarrator } from "../demo/narrator.ts";
import { playStory, StepFailure } from "../demo/play-story.ts";
import { stopOnSignal } from "../terminal/stop-on-signal.ts";

export type DemoOptions = { readonly home?: string };

/** `vivified demo`: plays the story in a home of its own, which stays only when a step failed. */
export async function demo(options: DemoOptions): Promise<void> {
  const started = performance.now();
  const stop = stopOnSignal();
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "vivified-demo-")));
  try {
    await playStory(home, terminalNarrator(console.log), stop);
  } catch (error) {
    if (!stop.aborted) throw explained(error, home);
    process.exitCode = 128 + constants.signals[stop.reason as NodeJS.Signals];
  }
  if (options.home === undefined) await rm(home, { recursive: true, force: true });
  if (stop.aborted) return;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(styleText(["bold", "green"], `\nDone in ${seconds} s. \`npm start\` leaves a platform running.`));
}

function explained(error: unknown, home: string): unknown {
  if (!(error instanceof StepFailure)) return error;
  return new Error(`step ${error.step} failed: ${error.message}\nThe logs are in ${join(home, "logs")}`, {
    cause: error,
  });
}
