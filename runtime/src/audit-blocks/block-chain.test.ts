import { type AuditBlock, type AuditRecord, canonicalJson, firstBlockPrevious } from "@vivified/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockChain, type EncodedRecord } from "./block-chain.ts";
import { type FakeBlockStream, type Fate, fakeBlockStream } from "./block-stream.fixtures.ts";
import { hashBlock } from "./encode-block.ts";
import { outcomeOf } from "./records.fixtures.ts";

const fates = fc.array(fc.constantFrom<Fate>("stored", "lost", "untold", "late"), { maxLength: 40 });

describe("BlockChain", () => {
  it("stores every record exactly once, in an unbroken chain, whatever becomes of its blocks", async () => {
    await fc.assert(fc.asyncProperty(fates, fc.array(fc.boolean(), { maxLength: 60 }), survives), { numRuns: 500 });
  });

  it("goes on where the stream really is, in a new epoch", async () => {
    const stream = fakeBlockStream(() => "stored");
    await writeAll(chainOn(stream, "first"), ["a"]);
    await writeAll(chainOn(stream, "second"), ["b"]);
    const [one, two] = stream.blocks.map((block) => parse(block.bytes));
    expect(two).toMatchObject({ sequence: 0, previous: hashBlock(stream.blocks[0]?.bytes ?? new Uint8Array()) });
    expect(two?.epoch).not.toBe(one?.epoch);
  });

  it("writes canonical JSON", async () => {
    const stream = fakeBlockStream(() => "stored");
    await writeAll(chainOn(stream, "writer"), ["ä\u2028", "b"]);
    const text = Buffer.from(stream.blocks[0]?.bytes ?? []).toString();
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});

/** Late blocks may land between any two steps, also between the two reads of a recovery. */
async function survives(fates: readonly Fate[], landings: readonly boolean[]): Promise<void> {
  const upcoming = [...fates];
  const lands = [...landings];
  const stream = fakeBlockStream(() => upcoming.shift() ?? "stored");
  const maybeLand = () => lands.shift() && stream.settle();
  const reading = {
    ...stream,
    last: () => {
      maybeLand();
      return stream.last();
    },
    firstAfter: (sequence: number) => {
      maybeLand();
      return stream.firstAfter(sequence);
    },
  };
  const ids = Array.from({ length: 12 }, (_, index) => `d${index}`);
  await writeAll(chainOn(reading, "writer"), ids);
  stream.settle();
  expect(idsOf(stream)).toEqual(ids);
  checkLinks(stream);
}

function chainOn(stream: Pick<FakeBlockStream, "append" | "firstAfter" | "last">, writer: string): BlockChain {
  let id = 0;
  return new BlockChain({ writer, stream, newId: () => `${writer}-${id++}` });
}

/** As the trail does it: whatever is not known to be stored goes first into the next block. */
async function writeAll(chain: BlockChain, ids: readonly string[]): Promise<void> {
  const settled = new Set<EncodedRecord>();
  let queue = ids.map((id): EncodedRecord => ({ text: canonicalJson(outcomeOf(id)) }));
  for (let steps = 0; queue.length > 0 || !chain.positioned; steps += 1) {
    if (steps > 500) throw new Error("the chain does not get on");
    if (!chain.positioned) {
      const { stored, missing } = await chain.recover();
      for (const record of stored) settled.add(record);
      queue = [...new Set([...missing, ...queue])].filter((record) => !settled.has(record));
      continue;
    }
    const records = queue.splice(0, 2);
    await chain.append(records).catch(() => {});
  }
}

function parse(bytes: Uint8Array): AuditBlock {
  return JSON.parse(Buffer.from(bytes).toString());
}

function idsOf(stream: FakeBlockStream): string[] {
  return stream.blocks.flatMap(({ bytes }) => parse(bytes).records.map((record: AuditRecord) => record.decision_id));
}

function checkLinks(stream: FakeBlockStream): void {
  let previous = firstBlockPrevious;
  for (const { bytes } of stream.blocks) {
    expect(parse(bytes).previous).toBe(previous);
    previous = hashBlock(bytes);
  }
}
