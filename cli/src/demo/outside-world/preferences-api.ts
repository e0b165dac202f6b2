import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export type OutsideRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};
export type PreferencesApi = AsyncDisposable & { readonly port: number; readonly requests: readonly OutsideRequest[] };

/** A service of somebody else's: it takes preferences over HTTP, and says a little more than it should. */
export async function openPreferencesApi(host: string): Promise<PreferencesApi> {
  const requests: OutsideRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, path: url, headers, body: await text(request) });
    response.writeHead(201, {
      "content-type": "application/json",
      "set-cookie": "tracking=1",
      "x-served-by": "prefs-3",
    });
    response.end(JSON.stringify({ status: "saved", newsletter: true }));
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
