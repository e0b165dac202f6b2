import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { tlogCheckPath } from "@vivified/tlog/outside-fixtures";

/** A witness that is not ours: Go's note and tlog, torchwood's cosignatures, behind HTTP. */
export type GoWitness = AsyncDisposable & { readonly vkey: string; readonly url: string };

/** A witness of the log with this key, which has seen nothing yet and keeps what it sees in memory. */
export async function startGoWitness(logVkey: string): Promise<GoWitness> {
  const child = spawn(tlogCheckPath(), ["witness", logVkey], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const [vkey, url] = [(await lines.next()).value, (await lines.next()).value];
  if (vkey === undefined || url === undefined) throw new Error("the witness did not start");
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.stdin.end();
    await ended;
  };
  return { vkey, url, [Symbol.asyncDispose]: stop };
}
