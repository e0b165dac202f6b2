import {
  auditBlockPrefix,
  canonicalJson,
  controlPlaneWriter,
  coreWriter,
  firstBlockPrevious,
} from "@vivified/contracts";
import { expect, it } from "vitest";
import { decisionOf } from "./block.fixtures.ts";
import { parseBlock } from "./parse-block.ts";

function withDepth(levels: number): boolean {
  const deep = (left: number): object => (left === 0 ? {} : { deeper: deep(left - 1) });
  const records = [decisionOf({ input: deep(levels) })];
  const writer = "gateway-1-0";
  const block = { version: 1, writer, epoch: "e", sequence: 0, previous: firstBlockPrevious, records } as const;
  const data = new TextEncoder().encode(canonicalJson(block));
  return parseBlock({ seq: 1, time: new Date(), subject: `${auditBlockPrefix}${writer}`, data }).block !== undefined;
}

type Lane = "core" | "gateway" | "mesh" | "rpc";
function isBlock(lane: Lane, writer: string): boolean {
  const records = [decisionOf({ lane })];
  const block = { version: 1, writer, epoch: "e", sequence: 0, previous: firstBlockPrevious, records } as const;
  const data = new TextEncoder().encode(canonicalJson(block));
  return parseBlock({ seq: 1, time: new Date(), subject: `${auditBlockPrefix}${writer}`, data }).block !== undefined;
}

it.each<[Lane, string, boolean]>([
  ["core", coreWriter, true],
  ["core", "gateway-1-0", false],
  ["core", controlPlaneWriter, false],
  ["mesh", controlPlaneWriter, true],
  ["mesh", "gateway-1-0", false],
  ["gateway", "gateway-1-0", true],
  ["gateway", coreWriter, false],
  ["gateway", controlPlaneWriter, false],
  ["rpc", "gateway-1-0", true],
])("records of lane %s in a block of %s: %s", (lane, writer, expected) => {
  expect(isBlock(lane, writer)).toBe(expected);
});

it("bounds how deep a record may be, by a number and not by how far a stack reaches", () => {
  expect([64, 252, 253, 254, 1_000, 3_000].map(withDepth)).toEqual([true, true, false, false, false, false]);
});
