import { styleText } from "node:util";
import type { ProcessEvent } from "../platform/process/supervised.ts";

/** Says what people must know of a process that they did not stop: that it ended, and that it is back. */
export function tellEvent(event: ProcessEvent): void {
  if (event.type !== "exited") return;
  const { process, exit, restartMs } = event;
  const how = exit.signal ?? `code ${exit.code}`;
  const said = `! ${process} ended with ${how} and is started again in ${restartMs / 1000} s`;
  console.error(styleText("yellow", said, { stream: globalThis.process.stderr }));
}
