import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A way to PostgreSQL that can lose the answer to a commit: the server has it, and whoever asked hears that the connection broke. */
export type LosingWire = AsyncDisposable & {
  readonly url: string;
  /** Loses the next answer to a commit behind a statement that has this text, once. */
  readonly loseCommitOf: (statement: string) => void;
};

export async function layLosingWire(databaseUrl: string): Promise<LosingWire> {
  const target = new URL(databaseUrl);
  let wanted: string | undefined;
  const server = createServer((client) => {
    const there = connect(Number(target.port), target.hostname);
    let said = "";
    let lost = false;
    client.on("data", (bytes) => {
      said += bytes.toString("latin1");
      if (wanted !== undefined && said.includes(wanted) && bytes.includes("commit")) {
        [lost, wanted] = [true, undefined];
        void delay(200).then(() => client.destroy());
      }
      there.write(bytes);
    });
    there.on("data", (bytes) => lost || client.write(bytes));
    client.on("error", () => client.destroy()).on("close", () => there.end());
    there.on("error", () => there.destroy()).on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseCommitOf: (statement) => {
      wanted = statement;
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
