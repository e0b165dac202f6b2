import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

const main = join(import.meta.dirname, "../main.ts");

/** Runs `vivified audit …` as people do, without colours. */
export function audit(...args: readonly string[]): Promise<Ran> {
  return vivified("audit", ...args);
}

/** Runs any command. */
export const vivified = (...args: readonly string[]): Promise<Ran> => vivifiedWith([], args);

/** Runs any command, with options for Node. */
export async function vivifiedWith(nodeOptions: readonly string[], args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [...nodeOptions, main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: Number(code), out, err };
}

/** A folder of its own, gone afterwards. */
export async function folder(): Promise<AsyncDisposable & { readonly path: (name: string) => string }> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-audit-"));
  return {
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
