import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when something accepts connections on this port of 127.0.0.1. */
export async function untilListening(port: number): Promise<void> {
  while (!(await isListening(port))) await sleep(25);
}

/** Whether something accepts connections on this port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}
