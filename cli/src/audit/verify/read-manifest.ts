import { ExportManifest } from "@vivified/contracts";
import { Check } from "typebox/value";
import type { ExportFiles } from "./export-files.ts";
import { manifestName } from "./export-names.ts";
import { MalformedExport } from "./malformed-export.ts";

/** What the export says that it holds. @throws MalformedExport */
export async function readManifest({ read }: ExportFiles): Promise<ExportManifest> {
  const bytes = await read(manifestName);
  if (bytes === undefined) throw new MalformedExport("is missing", manifestName);
  const manifest = parsed(bytes);
  if (!Check(ExportManifest, manifest)) throw new MalformedExport("is no manifest of an export", manifestName);
  const { from, to, size, evidence } = manifest;
  const ascending = evidence.every((place, at) => place >= to && place < size && place > (evidence[at - 1] ?? -1));
  if (from > to || to > size || !ascending) throw new MalformedExport("its places make no sense", manifestName);
  return manifest;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
