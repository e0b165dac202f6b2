import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { readNumbers, writeNumbers } from "./remembered-numbers.ts";

/** Below the range that the kernel gives to outgoing connections, so that nothing takes a port between two starts. */
const range = { first: 15_000, count: 16_000 };

export type Ports = {
  /** The port of this name: the one of last time when it is free, else a new one, remembered from now on. */
  readonly of: (name: string) => Promise<number>;
};

/** Ports on 127.0.0.1 that stay the same over restarts. Two homes begin their search in different places. */
export async function openPorts(file: string): Promise<Ports> {
  const remembered = new Map<string, number>(Object.entries(await readNumbers(file)));
  const given = new Set<number>();
  let queue: Promise<unknown> = Promise.resolve();
  const choose = async (name: string): Promise<number> => {
    const port = await firstFree(candidates(file, remembered.get(name)), given);
    given.add(port);
    remembered.set(name, port);
    await writeNumbers(file, remembered);
    return port;
  };
  return {
    of: (name) => {
      const chosen = queue.then(() => choose(name));
      queue = chosen.catch(() => undefined);
      return chosen;
    },
  };
}

function* candidates(file: string, last: number | undefined): Generator<number> {
  if (last !== undefined) yield last;
  const start = createHash("sha256").update(file).digest().readUInt32BE(0);
  for (let step = 0; step < range.count; step += 1) yield range.first + ((start + step) % range.count);
}

async function firstFree(wanted: Iterable<number>, given: ReadonlySet<number>): Promise<number> {
  for (const port of wanted) if (!given.has(port) && (await isFree(port))) return port;
  throw new Error("no free port on 127.0.0.1");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server: Server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
