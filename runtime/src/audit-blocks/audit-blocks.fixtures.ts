export { testProcessKey, testProcessKeyPem, testProcessKeys } from "../process-keys/process-keys.fixtures.ts";
export { type FakeBlockStream, type Fate, fakeBlockStream } from "./block-stream.fixtures.ts";
export { countBlocks, readChain, readTrail } from "./read-blocks.fixtures.ts";
export { decisionOf, outcomeOf } from "./records.fixtures.ts";
