export { type BrokenWire, layWire } from "./broken-wire.fixtures.ts";
export { startTestNats, type TestNats, type TestNatsOptions } from "./nats-server.fixtures.ts";
export { mountSmallDisk, type SmallDisk } from "./small-disk.fixtures.ts";
