import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** One import as it stands in a file. `target` is a repository path for our own code, or the package's name. */
export type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean };

/** The parts of the architecture, longest path first, so that `sdk/typescript` is found before `sdk`. */
export const parts = [
  "plugins/user-management",
  "plugins/email-gateway",
  "plugins/workflow-orchestrator",
  "plugins/newsletter",
  "sdk/typescript",
  "control-plane",
  "contracts",
  "runtime",
  "gateway",
  "envoy",
  "bench",
  "core",
  "test",
  "tlog",
  "pdp",
  "cli",
] as const;

export type Part = (typeof parts)[number];

export function partOf(path: string): Part | undefined {
  return parts.find((part) => path === part || path.startsWith(`${part}/`));
}

/** Every TypeScript file that git knows or would take, tests and fixtures included. */
export function sourceFiles(root: string): string[] {
  const options = { cwd: root, encoding: "utf8" } as const;
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", "*.ts", "*.mts"], options);
  return listed.split("\n").filter((path) => path !== "" && partOf(path) !== undefined);
}

const statement = /^\s*(?:import|export)\b(?<clause>[^;'"]*?)\bfrom\s*["'](?<from>[^"']+)["']/gm;
const bare = /^\s*import\s*["'](?<from>[^"']+)["']/gm;
const dynamic = /\bimport\(\s*["'](?<from>[^"']+)["']\s*\)/g;

/** The import lines of a file, with workspace packages and relative paths resolved to repository paths. */
export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8").replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  const found = [statement, bare, dynamic].flatMap((pattern) => [...text.matchAll(pattern)]);
  return found.map(({ groups }) => ({
    file,
    target: resolve(file, groups?.from ?? ""),
    typeOnly: /^\s*type\b/.test(groups?.clause ?? ""),
  }));
}

function resolve(file: string, from: string): string {
  if (from.startsWith(".")) return normalize(join(dirname(file), from));
  const workspace = /^@vivified\/([a-z-]+)/.exec(from)?.[1];
  if (workspace === undefined) return from;
  if (workspace === "sdk") return "sdk/typescript";
  return workspace.startsWith("plugin-") ? `plugins/${workspace.slice("plugin-".length)}` : workspace;
}
