import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { answerOf } from "./process/command.mjs";
import { outsideTools } from "./tools.mjs";

/**
 * Where each outside tool is and why that one: what the environment names, else what PATH has, else ours; the first that
 * fits the pinned version wins. `path` is undefined when none does, and `rejected` lists what was found but does not fit.
 */
export async function locate(names = Object.keys(outsideTools())) {
  const tools = outsideTools();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await locateOne(tools[name])])));
}

/** The variables that name every located tool, and PATH with our Node first: what a child process needs. */
export function toolEnvironment(located, environment = process.env) {
  const tools = outsideTools();
  const variables = Object.entries(located)
    .filter(([name, { path }]) => path && tools[name].variable)
    .map(([name, { path }]) => [tools[name].variable, path]);
  const PATH = [dirname(located.node.path), environment.PATH].filter(Boolean).join(delimiter);
  return { ...Object.fromEntries(variables), PATH };
}

async function locateOne(tool) {
  const rejected = [];
  for (const candidate of await candidates(tool)) {
    const { version, flaw } = candidate.trusted ? { version: tool.pinned } : await inspect(tool, candidate.binary);
    if (flaw === undefined) return { path: answer(tool, candidate.binary), version, why: candidate.why, rejected };
    rejected.push({ path: answer(tool, candidate.binary), version, why: candidate.why, flaw });
  }
  return { path: undefined, version: undefined, why: "not found", rejected };
}

async function candidates(tool) {
  const named = tool.variable && process.env[tool.variable];
  const found = [];
  if (named)
    found.push({ binary: tool.namesFolder ? join(named, tool.command) : named, why: `named by ${tool.variable}` });
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const binary = join(folder, tool.command);
    if ((await executable(binary)) && !(await isOurs(tool, binary))) found.push({ binary, why: "on PATH" });
  }
  if (await executable(tool.ours)) found.push({ binary: tool.ours, why: "installed by set-up" });
  return Promise.all(found.map(async (candidate) => ({ ...candidate, trusted: await isOurs(tool, candidate.binary) })));
}

/** Ours is trusted without asking: set-up asks a tool for its version before it puts the tool in place. */
async function isOurs(tool, binary) {
  const [ours, theirs] = await Promise.all([tool.ours, binary].map((path) => realpath(path).catch(() => undefined)));
  return ours !== undefined && ours === theirs;
}

async function inspect(tool, binary) {
  const said = await answerOf(binary, tool.ask);
  if (said === undefined) return { flaw: "does not run" };
  const version = tool.versionIn(said);
  if (version === undefined || !tool.wanted.fits(version)) return { version, flaw: `not ${tool.wanted.says}` };
  return { version, flaw: tool.flaw?.(said) };
}

function answer(tool, binary) {
  return tool.namesFolder ? dirname(binary) : binary;
}

async function executable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
