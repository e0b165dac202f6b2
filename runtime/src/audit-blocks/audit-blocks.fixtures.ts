export { type FakeBlockStream, type Fate, fakeBlockStream } from "./block-stream.fixtures.ts";
export { readChain } from "./read-blocks.fixtures.ts";
export { decisionOf, outcomeOf } from "./records.fixtures.ts";
