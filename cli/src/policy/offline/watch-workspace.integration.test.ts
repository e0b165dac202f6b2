import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Files, files } from "../insight/insight.fixtures.ts";
import { watchWorkspace } from "./watch-workspace.ts";

let folder: Files;

beforeEach(async () => {
  folder = await files();
  await folder.write("custom/a.rego", "package custom.a\n");
});

afterEach(() => folder[Symbol.asyncDispose]());

it("runs at once, once more for the changes of a moment, and again for one that comes while it runs", async () => {
  const stop = new AbortController();
  let runs = 0;
  let running = 0;
  const watching = watchWorkspace(
    { root: folder.path("."), floor: folder.path(".") },
    async () => {
      runs += 1;
      running += 1;
      expect(running).toBe(1);
      await pause(100);
      running -= 1;
      if (runs === 2) throw new Error("a run that fails is told, and does not end the watch");
    },
    stop.signal,
  );
  await expect.poll(() => runs, { timeout: 5000 }).toBe(1);
  await folder.write("custom/a.rego", "package custom.a\n\na := 1\n");
  await folder.write("custom/notes.txt", "nobody's business");
  await expect.poll(() => runs, { timeout: 5000, interval: 10 }).toBe(2);
  await folder.write("modes.json", "{}");
  await expect.poll(() => runs, { timeout: 5000 }).toBe(3);
  await pause(400);
  expect(runs).toBe(3);
  stop.abort();
  await watching;
});
