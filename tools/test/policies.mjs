import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../pinned.mjs";
import { holds } from "./command.mjs";
import { runPolicyTests } from "./policy-tests.mjs";

const policies = join(checkout, "policies");
const rules = ["vivified", "data"].map((folder) => join(policies, folder));
const lintRules = join(policies, ".regal/rules");
const opa = process.env.VIVIFIED_OPA ?? "opa";
const regal = process.env.VIVIFIED_REGAL ?? "regal";

/** What holds of the policies: form, types against the schemas, style, and their tests on both engines. */
export const policyChecks = {
  "policy-format": {
    says: "opa fmt",
    run: whenThere(({ rest, ...options }) => holds(opa, ["fmt", "--fail", "--diff", ...rest, policies], options)),
  },
  "policy-check": {
    says: "opa check --strict, against the schemas and capabilities",
    run: whenThere(({ rest, ...options }) =>
      holds(opa, ["check", "--strict", ...contract(), ...rest, ...rules], options),
    ),
  },
  "policy-lint": {
    says: "regal lint, with our own rules",
    run: whenThere(({ rest, ...options }) => holds(regal, ["lint", ...rest, policies], options)),
  },
  "policy-lint-tests": {
    says: "the tests of our own lint rules",
    run: whenThere(({ rest, spawned }) => runPolicyTests(regal, [...rest, lintRules], spawned)),
  },
  "policy-tests": {
    says: "opa test on the interpreter",
    run: whenThere(({ rest, spawned }) => runPolicyTests(opa, [...rest, ...rules], spawned)),
  },
  "policy-tests-wasm": {
    says: "opa test on Wasm",
    run: whenThere(({ rest, spawned }) => runPolicyTests(opa, ["--target", "wasm", ...rest, ...rules], spawned)),
  },
};

function whenThere(check) {
  return async (options) => (existsSync(policies) ? check(options) : undefined);
}

/** Inputs are typed by the schemas, and only what Wasm and our own builtins have may be called. */
function contract() {
  return ["--schema", join(policies, "schemas"), "--capabilities", join(policies, "capabilities.json")];
}
