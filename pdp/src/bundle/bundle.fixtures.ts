export { opa, ourPolicies, type TestSigner, testSigner, writePolicies } from "./policies.fixtures.ts";
export { type BundleChanges, resealBundle } from "./reseal-bundle.fixtures.ts";
export { shippedBundle } from "./shipped-bundle.fixtures.ts";
