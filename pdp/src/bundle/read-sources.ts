import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { VivifiedError } from "@vivified/runtime";

export type PolicySource = {
  /** The platform's own policies: `vivified/`, `data/`, `custom/`, `modes.json`, `capabilities.json`. */
  readonly floor: string;
  /** A customer's: `custom/` (rules of packages below `custom`, and data) and `modes.json`. Nothing else of it is read. */
  readonly customer?: string;
};

/** Where a file goes in the bundle, and what is in it. */
export type SourceFile = { readonly path: string; readonly bytes: Buffer };

/**
 * What a bundle is made from, by its place in the bundle: `data/events/data.json` lies at `events/data.json`, `modes.json`
 * at `modes/data.json`. A customer's `modes.json` adds to the floor's; any other file that both have is refused.
 *
 * @throws VivifiedError `invalid_config` for two files of one place, or modes that are no object
 */
export async function readSources({ floor, customer }: PolicySource): Promise<readonly SourceFile[]> {
  const own = await filesBelow(floor, placeInFloor);
  const theirs = customer === undefined ? [] : await filesBelow(customer, placeOfCustomer);
  const modes = [...own, ...theirs].filter(isModes);
  const others = [...own, ...theirs].filter((file) => !isModes(file));
  const twice = others.find(({ path }, index) => others.findIndex((other) => other.path === path) !== index);
  if (twice !== undefined) throw refused(`${twice.path} is there twice`);
  return [...others, ...(modes.length === 0 ? [] : [merged(modes)])].sort(byPath);
}

const modesPlace = "modes/data.json";
const isModes = ({ path }: SourceFile): boolean => path === modesPlace;
const byPath = (a: SourceFile, b: SourceFile): number => (a.path < b.path ? -1 : 1);

async function filesBelow(directory: string, place: (path: string) => string | undefined): Promise<SourceFile[]> {
  const names = (await readdir(directory, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const found = names.flatMap((name) => {
    const path = place(name);
    return path === undefined ? [] : [{ path, name }];
  });
  return Promise.all(found.map(async ({ path, name }) => ({ path, bytes: await readFile(join(directory, name)) })));
}

function placeInFloor(name: string): string | undefined {
  if (/^data\/.+\/data\.json$/.test(name)) return name.slice("data/".length);
  return isRule(name) && name.startsWith("vivified/") ? name : placeOfCustomer(name);
}

function placeOfCustomer(name: string): string | undefined {
  if (name === "modes.json") return modesPlace;
  if (!name.startsWith("custom/")) return undefined;
  return isRule(name) || name.endsWith("/data.json") ? name : undefined;
}

const isRule = (name: string): boolean => name.endsWith(".rego") && !name.endsWith("_test.rego");

function merged(files: readonly SourceFile[]): SourceFile {
  const modes = Object.assign({}, ...files.map(({ bytes }) => parsedModes(bytes)));
  return { path: modesPlace, bytes: Buffer.from(`${JSON.stringify(modes)}\n`) };
}

function parsedModes(bytes: Buffer): object {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (cause) {
    throw refused("modes.json is not JSON", cause);
  }
  throw refused("modes.json is not an object of modes by rule id");
}

function refused(detail: string, cause?: unknown): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `policies: ${detail}`, cause });
}
