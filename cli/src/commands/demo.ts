import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { terminalNarrator } from "../demo/narrator.ts";
import { playStory, StepFailure } from "../demo/play-story.ts";

export type DemoOptions = { readonly home?: string };

/** `vivified demo`: plays the story in a home of its own, which is removed when all went well. */
export async function demo(options: DemoOptions): Promise<void> {
  const started = performance.now();
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "vivified-demo-")));
  try {
    await playStory(home, terminalNarrator(console.log));
  } catch (error) {
    throw explained(error, home);
  }
  if (options.home === undefined) await rm(home, { recursive: true, force: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(styleText(["bold", "green"], `\nDone in ${seconds} s. \`npm start\` leaves a platform running.`));
}

function explained(error: unknown, home: string): unknown {
  if (!(error instanceof StepFailure)) return error;
  return new Error(`step ${error.step} failed: ${error.message}\nThe logs are in ${join(home, "logs")}`, {
    cause: error,
  });
}
