import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@vivified/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DocumentStep, missingLines, stepsOf, writeStep } from "../src/follow-document.ts";
import { type CheckoutCopy, Command, copyCheckout, leftBehind, Terminal } from "../src/index.ts";

/** Follows the tutorial as it is written, in a copy of the checkout; only the home lies elsewhere. */
describe("docs/tutorials/your-first-rule.md", () => {
  let parent: string;
  let copy: CheckoutCopy;
  let platform: Command | undefined;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), "viv-tutorial-"));
    copy = await copyCheckout(parent);
  }, 120_000);
  afterAll(async () => {
    await platform?.end("SIGTERM");
    const isGone = async () => (await leftBehind(join(parent, "home"))).length === 0 || undefined;
    await until("the platform is gone", isGone, { timeoutMs: 10_000 });
    await rm(parent, { recursive: true, force: true });
  }, 60_000);

  it("comes out as it says, when it is followed to the letter", async () => {
    const steps = stepsOf(await readFile(join(copy.path, "docs/tutorials/your-first-rule.md"), "utf8"));
    expect(steps.length).toBeGreaterThan(10);
    const terminal = new Terminal(copy.path, { ...copy.env, VIVIFIED_HOME: join(parent, "home") });
    let shown = "";
    for (const step of steps) {
      if (step.kind === "write") await writeStep(copy.path, step);
      if (step.kind === "type" && step.terminal === "2") platform = await startPlatform(step);
      if (step.kind === "type" && step.terminal === "1") {
        shown = await terminal.type(step.text);
      }
      if (step.kind === "compare") expect(missingLines(step.text, shown), shown).toEqual([]);
    }
  }, 240_000);

  async function startPlatform(step: Extract<DocumentStep, { kind: "type" }>): Promise<Command> {
    expect(step.text.trim()).toBe("npm start");
    const up = new Command(["up"], copy.path, { ...copy.env, VIVIFIED_HOME: join(parent, "home") });
    await up.says("Vivified is up.");
    return up;
  }
});
