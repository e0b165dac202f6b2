import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SseEvent, sseEvents } from "./sse-events.ts";

async function eventsIn(pieces: Iterable<Uint8Array>): Promise<readonly SseEvent[]> {
  async function* given() {
    yield* pieces;
  }
  return Array.fromAsync(sseEvents(given()));
}

const whole = (text: string) => eventsIn([Buffer.from(text)]);

/** Text cut where it was told, in the middle of characters as well. */
function* cut(text: string, cuts: readonly number[]): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [index, from] of places.entries()) yield bytes.subarray(from, places[index + 1] ?? bytes.length);
}

describe("server-sent events", () => {
  it.each([
    ["data: a\n\n", [{ data: "a" }]],
    ["id: 7\ndata: a\n\n", [{ id: "7", data: "a" }]],
    [": a comment\nid: 7\n\n", [{ id: "7" }]],
    [": a comment\n\n", []],
    ["\n\n\n", []],
    ["data: a\ndata: b\ndata:\n\n", [{ data: "a\nb\n" }]],
    ["data\n\n", [{ data: "" }]],
    ["id: 1\nid: 2\n\n", [{ id: "2" }]],
    ["id: 1\0\ndata: a\n\n", [{ data: "a" }]],
    ["data:  two\n\n", [{ data: " two" }]],
    ["event: x\nretry: 5\nwhatever: y\ndata: a\n\n", [{ data: "a" }]],
    ["\u{feff}data: a\n\n", [{ data: "a" }]],
  ])("are read from %j", async (text, events) => {
    expect(await whole(text)).toEqual(events);
  });

  it.each(["data: a", "data: a\n", "id: 7\ndata: a\n", "data: a\n\ndata: b\nid: 8\n"])(
    "do not count what breaks off: %j",
    async (text) => {
      expect((await whole(text)).map(({ data }) => data)).toEqual(text.includes("\n\n") ? ["a"] : []);
    },
  );

  it("are the same however they are cut into pieces and lines are ended", async () => {
    const value = fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\r\n\0]|^ /g, ""));
    const event = fc.record({ id: fc.nat().map(String), data: value });
    const cuts = fc.array(fc.nat());
    await fc.assert(
      fc.asyncProperty(fc.array(event), cuts, fc.constantFrom("\n", "\r\n", "\r"), async (events, at, end) => {
        const text = events.map(({ id, data }) => `id: ${id}${end}data: ${data}${end}${end}`).join("");
        const closed = end === "\r" ? `${text}:` : text; // or the last CR might be half of a CRLF
        expect(await eventsIn(cut(closed, at))).toEqual(events);
      }),
    );
  });

  it("are refused when one does not end", async () => {
    const line = Buffer.from(`data: ${"x".repeat(1024 * 1024)}`);
    const lines = Array.from({ length: 6 }, () => [line, Buffer.from("\n")]).flat();
    await expect(eventsIn(lines)).rejects.toThrow("does not end");
    await expect(eventsIn(Array.from({ length: 6 }, () => line))).rejects.toThrow("does not end");
  });
});
