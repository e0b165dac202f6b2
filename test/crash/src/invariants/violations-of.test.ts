import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../evidence/evidence.ts";
import { chain, decision, keptOf, logOf, wholeRun } from "../evidence/whole-run.fixtures.ts";
import { newOrder } from "../load/order.ts";
import { violationsOf } from "./violations-of.ts";

type Change = (run: Evidence) => Partial<Evidence>;

const found = (change: Change) => {
  const run = wholeRun();
  return violationsOf({ ...run, ...change(run) }).map(({ invariant, says }) => `${invariant} ${says}`);
};
const blocksOf = (run: Evidence) => run.blocks.map(({ block }) => [...block.records]);
/** The stream as it would be with other records, and core's copy of it. */
const streaming = (records: ReturnType<typeof blocksOf>, run: Evidence): Partial<Evidence> => {
  const blocks = chain(records);
  return { blocks, kept: { ...run.kept, ...keptOf(blocks) }, log: logOf(blocks) };
};
const without = (id: string, run: Evidence) =>
  blocksOf(run).map((all) => all.filter((record) => record.decision_id !== id));

describe("the claims of the crash harness", () => {
  it("hold for a run in which nothing went wrong", () => {
    expect(found(() => ({}))).toEqual([]);
  });

  it("see an effect that was released before its record", () => {
    const early: Change = ({ effects }) => ({
      effects: effects.map((effect) => ({ ...effect, atMs: effect.atMs - 200 })),
    });
    expect(found(early)).toContainEqual(expect.stringMatching(/^I1 an effect at rpc came \d+ ms before its record$/));
  });

  it("see an effect whose record was lost", () => {
    expect(found((run) => streaming(without("d-call", run), run))).toContain("I1 an effect at rpc has no record");
    expect(found((run) => streaming(without("d-web", run), run))).toContain("I1 an effect at http has no record");
  });

  it("see a permit that was used twice, and an effect that was denied", () => {
    expect(found(({ effects }) => ({ effects: [...effects, ...effects.slice(0, 1)] }))).toContain(
      "I1 a permit had several effects",
    );
    const denied: Change = ({ effects }) => ({
      effects: effects.map((effect) => (effect.sink === "rpc" ? { ...effect, decisionId: "d-no" } : effect)),
    });
    expect(found(denied)).toContain("I1 the record of an effect at rpc does not permit it");
  });

  it("see a publish that was lost, split or stored twice", () => {
    const lost: Change = ({ effects }) => ({ effects: effects.filter(({ sink }) => sink !== "delivery") });
    expect(found(lost)).toEqual(["I2 an acknowledged event was not delivered"]);
    const split: Change = ({ effects }) => ({
      effects: effects.map((effect) => (effect.sink === "delivery" ? { ...effect, eventId: "e-2" } : effect)),
    });
    expect(found(split)).toContain("I2 one event has several ids");
    expect(found(({ events }) => ({ events: [...events, ...events] }))).toContain("I2 an event is stored twice");
    expect(found(() => ({ events: [] }))).toContain("I2 an acknowledged event is not stored");
  });

  it("see something forbidden at a sink", () => {
    const leaked: Change = ({ effects }) => ({ effects: [...effects, { sink: "never", op: "rpc-4", atMs: 0 }] });
    expect(found(leaked)).toEqual(["I3 something forbidden reached never"]);
  });

  it("see a lost block, a foreign one, and a record that stands twice", () => {
    expect(found(({ blocks }) => ({ blocks: blocks.filter(({ streamSequence }) => streamSequence !== 2) }))).toEqual(
      expect.arrayContaining(["I4 a block names another one before", "I4 the stream has a gap"]),
    );
    const foreign: Change = ({ blocks }) => ({ blocks: blocks.map((one) => ({ ...one, writer: "gateway-2" })) });
    expect(found(foreign)).toContain("I4 a block stands under another writer's subject");
    const twice: Change = (run) => streaming([...blocksOf(run), ...blocksOf(run).slice(0, 1)], run);
    expect(found(twice)).toContain("I4 a decision stands in the stream twice");
  });

  it("see what the database doubled, dropped, changed or has from nowhere", () => {
    const keeping = (change: (decisions: Evidence["kept"]["decisions"]) => Evidence["kept"]["decisions"]): Change => {
      return ({ kept }) => ({ kept: { ...kept, decisions: change(kept.decisions) } });
    };
    expect(found(keeping((all) => [...all, ...all.slice(0, 1)]))).toEqual(["I5 PostgreSQL holds a decision twice"]);
    expect(found(keeping((all) => all.slice(1)))).toEqual(["I5 PostgreSQL lacks a decision"]);
    const altered = keeping((all) => all.map((kept) => ({ ...kept, record: { ...kept.record, caller: "other" } })));
    expect(found(altered)).toContain("I5 PostgreSQL holds another decision, or at another place");
    const moved = keeping((all) => all.map((kept) => ({ ...kept, place: { streamSequence: 1, logIndex: 0 } })));
    expect(found(moved)).toContain("I5 PostgreSQL holds another decision, or at another place");
    expect(found(({ kept }) => ({ kept: { ...kept, logSize: 10 } }))).toEqual([
      "I5 the log has 10 records, the stream 9",
    ]);
    const invented = {
      record: decision("d-new", "rpc/invoke", newOrder("rpc", "rpc-9")),
      place: { streamSequence: 9, logIndex: 99 },
    };
    expect(found(keeping((all) => [...all, invented]))).toEqual([
      "I5 PostgreSQL holds a decision that is not in the stream",
    ]);
  });

  it("see a log that forgot, shrank, lags, or that another key signed", () => {
    const logging = (change: (log: Evidence["log"], run: Evidence) => Partial<Evidence["log"]>): Change => {
      return (run) => ({ log: { ...run.log, ...change(run.log, run) } });
    };
    const short = (run: Evidence) => logOf(run.blocks.slice(0, 2));
    expect(found((run) => ({ log: short(run) }))).toEqual([
      "I6 the log ends at 5",
      "I6 an entry is not the record of its place",
    ]);
    const shrinks = logging((log, run) => ({
      checkpoints: [...log.checkpoints, ...short(run).checkpoints, ...log.checkpoints],
    }));
    expect(found(shrinks)).toEqual(["I6 the log shrank"]);
    const other = (run: Evidence) => logOf(chain([...blocksOf(run)].reverse()));
    expect(found(logging((log, run) => ({ checkpoints: [...other(run).checkpoints, ...log.checkpoints] })))).toEqual([
      "I6 a checkpoint is not of this log",
    ]);
    expect(found(logging(() => ({ vkey: logOf([], generateKeyPairSync("ed25519")).vkey })))).toContainEqual(
      expect.stringMatching(/^I6 a checkpoint does not open/),
    );
  });

  it("see a yes without effect, and an outcome that is not true", () => {
    const idle: Change = ({ effects }) => ({ effects: effects.filter(({ sink }) => sink !== "rpc") });
    expect(found(idle)).toEqual([
      "I7 a rpc that was answered with yes had 0 effects",
      "I7 an outcome says done, and nothing was",
    ]);
  });

  it("see a permit of which nobody told what became of it", () => {
    const silent: Change = (run) => {
      const records = blocksOf(run).map((all) =>
        all.filter(({ kind, decision_id }) => kind !== "outcome" || decision_id !== "d-web"),
      );
      return streaming(records, run);
    };
    expect(found(silent)).toEqual(["I7 nobody told what became of a permit"]);
  });

  it("see a login that nobody recorded, and a user without a record", () => {
    const login = { ...newOrder("login", "login-5"), answer: { status: 200, body: {} } };
    expect(found(({ orders }) => ({ orders: [...orders, login] }))).toEqual([
      "I7 a login that was answered with yes is recorded 0 times",
    ]);
    const stranger = { id: "u-9", username: "user-9" };
    expect(found(({ kept }) => ({ kept: { ...kept, users: [stranger] } }))).toContain("I7 a user has not one record");
  });
});
