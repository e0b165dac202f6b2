import { readFile } from "node:fs/promises";
import { parseCheckpoint, splitNote } from "@vivified/tlog";
import { pastQuery } from "../decisions/past-options.ts";
import type { ExportOptions } from "./export-options.ts";

/**
 * What is asked of core.
 *
 * @throws Error for a time that is none, a checkpoint that is none, and options that the format has no use for
 */
export async function exportPath(options: ExportOptions): Promise<string> {
  const { format, from, to, checkpoint } = options;
  const places = { from, to, checkpoint };
  refuseStrangers(format === "bundle" ? filtersOf(options) : places, format);
  const query = pastQuery(options);
  if (format !== "bundle") return `/admin/audit/export?${asked(query, { format })}`;
  const compare = checkpoint === undefined ? undefined : await sizeOf(checkpoint);
  return `/admin/audit/bundle?${asked(query, { from, to, compare })}`;
}

function filtersOf({ lane, caller, target, action, resource, effect, rule, ...more }: ExportOptions): Asked {
  const { revision, text, trace, wouldDeny, outcome } = more;
  const words = { lane, caller, target, action, resource, effect, rule, revision, text, trace, outcome };
  return { ...words, "would-deny": wouldDeny };
}

type Asked = Readonly<Record<string, string | number | boolean | undefined>>;

/** A filter that would be left out is an export of something else than was asked for. */
function refuseStrangers(others: Asked, format: string): void {
  const [stranger] = Object.keys(others).filter((name) => others[name] !== undefined);
  if (stranger !== undefined) throw new Error(`--${stranger} is not for --format ${format}`);
}

function asked(query: URLSearchParams, more: Asked): URLSearchParams {
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, String(value));
  return query;
}

async function sizeOf(file: string): Promise<number> {
  const checkpoint = parseCheckpoint(splitNote(await readFile(file))?.text ?? "");
  if (checkpoint === undefined) throw new Error(`${file} is no checkpoint of a log`);
  return checkpoint.size;
}
