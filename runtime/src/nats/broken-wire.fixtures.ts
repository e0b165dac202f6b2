import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire to a TCP port that a test can cut: connections stay open, and nothing comes through until it is mended. */
export type BrokenWire = AsyncDisposable & {
  readonly port: number;
  readonly cut: () => void;
  /** From now on everything takes so much longer, in each direction. */
  readonly slow: (ms: number) => void;
  /** Lets new connections through. Those that were cut end, as they would when the network forgot them. */
  readonly mend: () => void;
};

export async function layWire(targetPort: number): Promise<BrokenWire> {
  const sockets = new Set<Socket>();
  let whole = true;
  let delayMs = 0;
  const carry = (from: Socket, to: Socket) => {
    sockets.add(from);
    const write = (bytes: Buffer) => void (whole && to.writable && to.write(bytes));
    from.on("data", (bytes) => (delayMs === 0 ? write(bytes) : setTimeout(write, delayMs, bytes)));
    from.on("error", () => from.destroy());
    from.on("close", () => {
      sockets.delete(from);
      if (delayMs === 0) to.destroy();
      else setTimeout(() => to.destroySoon(), delayMs);
    });
  };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    carry(client, target);
    carry(target, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: portOf(server.address()),
    cut: () => {
      whole = false;
    },
    slow: (ms) => {
      delayMs = ms;
    },
    mend: () => {
      endAll();
      whole = true;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      endAll();
      await closed;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
