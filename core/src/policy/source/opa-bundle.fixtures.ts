import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { allEntrypoints, decisionPath } from "@vivified/pdp";
import { opa, ourPolicies, type TestSigner } from "@vivified/pdp/fixtures";

const run = promisify(execFile);

/** Our policies as somebody else would build and sign them: `opa build`, `opa sign`, `tar`, and nothing of ours. */
export async function opaBundle(revision: string, { signer }: TestSigner): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-opa-bundle-"));
  try {
    const at = (name: string) => join(directory, name);
    const entrypoints = allEntrypoints.flatMap((entrypoint) => ["-e", decisionPath(entrypoint)]);
    const capabilities = ["--capabilities", join(ourPolicies, "capabilities.json")];
    const target = ["-t", "wasm", ...capabilities, "--ignore", "*_test.rego", "--revision", revision];
    const output = ["-o", at("built.tar.gz")];
    await run(opa, ["build", ...target, ...entrypoints, ...output, "vivified", "data"], { cwd: ourPolicies });
    await run("mkdir", [at("bundle")]);
    await run("tar", ["xzf", at("built.tar.gz"), "-C", at("bundle")]);
    await writeFile(at("key.pem"), signer.privateKeyPem);
    const key = ["--signing-key", at("key.pem"), "--signing-alg", "RS256", "--output-file-path", at("bundle")];
    await writeFile(at("claims.json"), JSON.stringify({ keyid: signer.keyId }));
    // what is signed is named as it was given
    await run(opa, ["sign", ...key, "--claims-file", at("claims.json"), "--bundle", "."], { cwd: at("bundle") });
    await run("tar", ["czf", at("signed.tar.gz"), "-C", at("bundle"), "."]);
    return await readFile(at("signed.tar.gz"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
