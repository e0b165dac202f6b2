import { execFile } from "node:child_process";
import { mkdir, readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const original = resolve(import.meta.dirname, "../..");
const notCopied = [".git", ".vivified", "dist", "coverage"];

export type CheckoutCopy = { readonly path: string; readonly node: string; readonly env: Record<string, string> };

/** Copies this checkout, with its packages and the outside tools beside it, so that nothing of the original is used. */
export async function copyCheckout(into: string): Promise<CheckoutCopy> {
  const path = join(into, "checkout");
  await mkdir(path);
  for (const part of await readdir(original)) if (!notCopied.includes(part)) await copy(join(original, part), path);
  const tools = join(into, "tools");
  await mkdir(tools);
  const moved = (tool: string) =>
    tool.startsWith(`${original}/`) ? join(path, tool.slice(original.length)) : undefined;
  const env: Record<string, string> = {};
  for (const name of ["VIVIFIED_OPA", "VIVIFIED_NATS_SERVER", "VIVIFIED_ENVOY", "VIVIFIED_POSTGRES_BIN"]) {
    const tool = await realpath(process.env[name] ?? "");
    env[name] = moved(tool) ?? (await copyTool(tool, tools));
  }
  const node = await realpath(process.execPath);
  return { path, node: moved(node) ?? (await copyTool(node, tools)), env };
}

/** A folder of programs stays where it is: it needs the folders beside it. */
async function copyTool(tool: string, into: string): Promise<string> {
  if (basename(tool) === "bin" && basename(dirname(tool)) !== "") return tool;
  await copy(tool, into);
  return join(into, basename(tool));
}

/** Hard links where that is possible: the packages alone are half a gigabyte. */
async function copy(path: string, into: string): Promise<void> {
  await run("cp", ["-a", "--link", path, into]).catch(() => run("cp", ["-a", path, into]));
}
