import { readFile } from "node:fs/promises";
import { parseCheckpoint, splitNote } from "@vivified/tlog";
import { timeOf } from "../core/time-of.ts";
import type { ExportOptions } from "./export-options.ts";

/**
 * What is asked of core.
 *
 * @throws Error for a time that is none, a checkpoint that is none, and options that the format has no use for
 */
export async function exportPath(options: ExportOptions): Promise<string> {
  const { format, since, until, lane, caller, target, effect, rule, from, to, checkpoint } = options;
  const times = { since: since && timeOf(since), until: until && timeOf(until) };
  const ofLines = { lane, caller, target, effect, rule };
  const ofBundle = { from, to, checkpoint };
  refuseStrangers(format === "bundle" ? ofLines : ofBundle, format);
  if (format !== "bundle") return `/admin/audit/export?${queryOf({ format, ...times, ...ofLines })}`;
  const compare = checkpoint === undefined ? undefined : await sizeOf(checkpoint);
  return `/admin/audit/bundle?${queryOf({ ...times, from, to, compare })}`;
}

type Asked = Readonly<Record<string, string | number | undefined>>;

/** A filter that would be left out is an export of something else than was asked for. */
function refuseStrangers(others: Asked, format: string): void {
  const [stranger] = Object.keys(others).filter((name) => others[name] !== undefined);
  if (stranger !== undefined) throw new Error(`--${stranger} is not for --format ${format}`);
}

function queryOf(asked: Asked): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, String(value));
  return query;
}

async function sizeOf(file: string): Promise<number> {
  const checkpoint = parseCheckpoint(splitNote(await readFile(file))?.text ?? "");
  if (checkpoint === undefined) throw new Error(`${file} is no checkpoint of a log`);
  return checkpoint.size;
}
