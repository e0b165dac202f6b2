import { mkdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundleFile } from "./build-bundle-file.ts";
import { opa, ourPolicies } from "./policies.fixtures.ts";

/** The archive of this repository's policies, unsigned, compiled once for all test files of a user. */
export async function shippedBundle(): Promise<Buffer> {
  const directory = join(tmpdir(), `vivified-test-policies-${process.getuid?.() ?? 0}`);
  await mkdir(directory, { recursive: true });
  const output = join(directory, "bundle.tar.gz");
  await buildBundleFile({ opa, source: { floor: ourPolicies }, output });
  return readFile(output);
}
