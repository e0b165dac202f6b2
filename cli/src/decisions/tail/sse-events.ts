/** One event that came whole: its id, its data, or both. */
export type SseEvent = { readonly id?: string; readonly data?: string };

/** Longer than any decision's row. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6). Unlike most readers it gives those without data too: their ids are places
 * to resume from. What breaks off before the empty line that ends it never counts.
 *
 * @throws Error for an event that does not end
 */
export async function* sseEvents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent> {
  let lines: string[] = [];
  let characters = 0;
  for await (const line of linesOf(pieces)) {
    characters = line === "" ? 0 : characters + line.length;
    if (characters > mostCharacters) throw tooLong();
    if (line !== "") lines.push(line);
    else {
      const event = eventOf(lines);
      lines = [];
      if (event.id !== undefined || event.data !== undefined) yield event;
    }
  }
}

/** Lines that ended. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/); // a CR at the end may be half of a CRLF
    rest = lines.pop() ?? "";
    if (rest.length > mostCharacters) throw tooLong();
    yield* lines;
  }
}

function eventOf(lines: readonly string[]): SseEvent {
  const fields = lines.map(fieldOf);
  const id = fields.findLast(([name, value]) => name === "id" && !value.includes("\0"))?.[1];
  const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
  return { ...(id !== undefined && { id }), ...(data.length > 0 && { data: data.join("\n") }) };
}

/** A comment is a field without a name. */
function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon === -1) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}

const tooLong = () => new Error("core sends an event that does not end");
