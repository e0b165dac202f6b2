import { readFile } from "node:fs/promises";
import type { BuildBundleOptions } from "./build-bundle.ts";
import { capabilitiesOf } from "./capabilities-of.ts";
import { digestOf } from "./digest.ts";
import { readSources } from "./read-sources.ts";
import { runOpa } from "./run-opa.ts";

/** Digest of all that a bundle is made from: sources, data, modes, capabilities, compiler and serial. */
export async function sourceDigest({ opa, source, serial = 0 }: BuildBundleOptions): Promise<string> {
  const compiler = await runOpa({ opa, cwd: source.floor, args: ["version"] });
  const capabilities = await readFile(capabilitiesOf(source));
  const files = await readSources(source);
  return digestOf([compiler, String(serial), capabilities, ...files.flatMap(({ path, bytes }) => [path, bytes])]);
}
