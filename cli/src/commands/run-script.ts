import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { processNames } from "@vivified/contracts";
import { inCheckout } from "../platform/checkout.ts";

/** Runs a script of the checkout in our place: our environment and these settings, our terminal, its exit code. */
export async function runScript(script: string, settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(process.execPath, [inCheckout(script)], {
    stdio: "inherit",
    env: { ...process.env, ...settings },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}

/** @throws Error for a name that is not a process of the platform */
export async function runServer(name: string): Promise<void> {
  if (!processNames.some((known) => known === name))
    throw new Error(`no such process: ${name} (${processNames.join(", ")})`);
  await runScript(`${name}/src/main.ts`);
}
