import { watch } from "node:fs/promises";
import { styleText } from "node:util";
import { tellFailure } from "../../terminal/tell-failure.ts";
import { here, type Workspace } from "./workspace.ts";

const settleMs = 100;

/** Does something now and after changes below the folder, until it is stopped. A failure is told, and waits for a change. */
export async function watchWorkspace({ root }: Workspace, act: () => Promise<void>, stop: AbortSignal): Promise<void> {
  const changes = watch(root, { recursive: true, signal: stop });
  const again = repeater(() => attempt(act, root));
  again();
  try {
    for await (const { filename } of changes) if (isPolicy(filename)) again();
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

const isPolicy = (name: string | null): boolean => name !== null && /\.(rego|json|ya?ml)$/.test(name);

/** Runs once for all the calls that come while it waits, and once more for those that come while it runs. */
function repeater(act: () => Promise<void>): () => void {
  let asked = false;
  let running = false;
  const drain = async () => {
    running = true;
    while (asked) {
      await new Promise((resolve) => setTimeout(resolve, settleMs)); // editors write a file in several steps
      asked = false;
      await act();
    }
    running = false;
  };
  return () => {
    asked = true;
    if (!running) void drain();
  };
}

async function attempt(act: () => Promise<void>, root: string): Promise<void> {
  await act().catch(tellFailure);
  const waiting = `… waiting for a change below ${here(root)}; Ctrl-C ends\n`;
  process.stderr.write(styleText("dim", waiting, { stream: process.stderr }));
}
