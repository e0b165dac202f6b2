import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@vivified/contracts";
import { isJsonObject } from "@vivified/contracts";
import { parseStrictJson, VivifiedError } from "@vivified/runtime";
import { Value } from "typebox/value";
import { dataFile, manifestFile, moduleFile, PolicyManifest, revisionOf } from "./manifest.ts";
import { sha256 } from "./read-sources.ts";

/** A policy directory whose every file is what its manifest says. */
export type PolicyDirectory = {
  readonly manifest: PolicyManifest;
  readonly data: JsonObject;
  readonly dataBytes: number;
  readonly modules: ReadonlyMap<string, Buffer>;
};

const limits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

/**
 * Reads a policy directory and checks it.
 *
 * @throws VivifiedError `invalid_config` when a file is missing, is not what the manifest says, or the revision does not
 *   follow from the content.
 */
export async function readPolicyDirectory(directory: string): Promise<PolicyDirectory> {
  const manifest = parseManifest(await read(directory, manifestFile));
  const data = await readChecked(directory, dataFile, manifest.data.sha256);
  const modules = await Promise.all(
    Object.entries(manifest.modules).map(
      async ([name, module]) => [name, await readChecked(directory, moduleFile(name), module.sha256)] as const,
    ),
  );
  return { manifest, data: parseData(data), dataBytes: data.length, modules: new Map(modules) };
}

async function read(directory: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, name));
  } catch (cause) {
    throw refused(`${name} cannot be read`, cause);
  }
}

async function readChecked(directory: string, name: string, digest: string): Promise<Buffer> {
  const bytes = await read(directory, name);
  if (sha256(bytes) !== digest) throw refused(`${name} is not what the manifest says`);
  return bytes;
}

function parseManifest(bytes: Buffer): PolicyManifest {
  const value: unknown = parseStrictJson(bytes.toString("utf8"), limits);
  if (!Value.Check(PolicyManifest, value)) throw refused(`${manifestFile} is not a policy manifest`);
  if (value.revision !== revisionOf(value)) throw refused("the revision does not follow from the content");
  return value;
}

function parseData(bytes: Buffer): JsonObject {
  const data = parseStrictJson(bytes.toString("utf8"), limits);
  if (!isJsonObject(data)) throw refused(`${dataFile} is not an object`);
  return data;
}

function refused(detail: string, cause?: unknown): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `policy directory: ${detail}`, cause });
}
