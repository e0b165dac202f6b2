import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { OutcomeRecord } from "./audit.ts";
import { logEntry } from "./audit-log.ts";

const record: OutcomeRecord = {
  outcome: "done",
  kind: "outcome",
  duration_ms: 3,
  timestamp: "2026-11-26T00:00:00.000Z",
  decision_id: "d-1",
};
const canonical =
  '{"decision_id":"d-1","duration_ms":3,"kind":"outcome","outcome":"done","timestamp":"2026-11-26T00:00:00.000Z"}';

describe("logEntry", () => {
  it("is the canonical text of digest, id, kind and time", () => {
    const digest = createHash("sha256").update(canonical).digest("hex");
    expect(logEntry(record)).toBe(
      `{"digest":"${digest}","id":"d-1","kind":"outcome","timestamp":"2026-11-26T00:00:00.000Z"}`,
    );
  });

  it("is another one for a record that differs in one character", () => {
    expect(logEntry({ ...record, outcome: "failed" })).not.toBe(logEntry(record));
  });

  it.each(["half \ud800", "\udfffhalf", "\u0000", "\\ud800", "\u{1f600}"])("knows %j", (code) => {
    const digestOf = (text: string) => JSON.parse(logEntry({ ...record, code: text })).digest;
    const told = createHash("sha256").update(canonical.replace("{", `{"code":${JSON.stringify(code.toWellFormed())},`));
    expect(digestOf(code)).toBe(told.digest("hex"));
  });

  it("has a place for an id that is no text", () => {
    expect(JSON.parse(logEntry({ ...record, decision_id: "\ud800" })).id).toBe("\ufffd");
  });

  it("is far below what a log takes, however large the record", () => {
    expect(Buffer.byteLength(logEntry({ ...record, code: "x".repeat(1_000_000) }))).toBeLessThan(1_000);
  });
});
