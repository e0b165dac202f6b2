import { existsSync } from "node:fs";
import { join } from "node:path";
import { opaAnswer } from "@vivified/pdp";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { opaTool } from "./tools.ts";
import { here, openWorkspace, type Workspace } from "./workspace.ts";

export type FmtOptions = { readonly check?: boolean; readonly diff?: boolean; readonly json?: boolean };

/** `vivified policy fmt`: `opa fmt` over all Rego of a folder. With `--check` or `--diff` nothing is written. */
export async function fmtCommand(folder: string | undefined, options: FmtOptions): Promise<ExitCode> {
  const workspace = openWorkspace(folder);
  const opa = opaTool();
  const files = await listed(opa, workspace);
  if (options.diff) process.stdout.write(await formatted(opa, workspace, ["--diff"]));
  else if (!options.check) await formatted(opa, workspace, ["--write"]);
  if (options.json) process.stdout.write(`${JSON.stringify({ files }, undefined, 2)}\n`);
  else if (!options.diff) process.stdout.write(files.map((file) => `${file}\n`).join(""));
  return (options.check || options.diff) && files.length > 0 ? exitCodes.found : exitCodes.fine;
}

/** What is not in OPA's form. */
async function listed(opa: string, workspace: Workspace): Promise<string[]> {
  const printed = await formatted(opa, workspace, ["--list"]);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map((name) => here(join(workspace.root, name)));
}

async function formatted(opa: string, { root }: Workspace, how: readonly string[]): Promise<string> {
  const folders = ["vivified", "custom", ".regal"].filter((name) => existsSync(join(root, name)));
  if (folders.length === 0) return "";
  const { code, stdout, stderr } = await opaAnswer({ opa, cwd: root, args: ["fmt", ...how, ...folders] });
  if (code !== 0) throw new Error((stderr || stdout).trim());
  return stdout;
}
