import { join } from "node:path";
import { checkout } from "../pinned.mjs";
import { holds } from "./command.mjs";
import { policyChecks } from "./policies.mjs";
import { runVitest } from "./vitest.mjs";

const types = join(checkout, "node_modules/typescript/bin/tsc");
const biome = join(checkout, "node_modules/@biomejs/biome/bin/biome");

/**
 * Everything that `npm test` means, in the order in which it runs: cheap first. Each says how many of its things passed
 * and failed, or nothing when there is nothing to check.
 */
export const checks = {
  types: {
    says: "TypeScript's types",
    run: ({ rest, ...options }) => holds(process.execPath, [types, "--noEmit", "-p", checkout, ...rest], options),
  },
  lint: {
    says: "lint and format of code",
    run: ({ rest, ...options }) => holds(process.execPath, [biome, "ci", colours(), ...rest, checkout], options),
  },
  ...policyChecks,
  vitest: { says: "unit and integration tests", run: runVitest },
};

/** Biome's `ci` colours even what goes to a file. */
function colours() {
  return `--colors=${process.stdout.isTTY ? "force" : "off"}`;
}
