import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { JsonObject, JsonValue } from "../json.ts";
import { parseJson } from "../json.ts";
import { type GatewayKeys, makeGatewayKeys } from "./gateway-keys.ts";
import { standardAnswers } from "./standard-answers.ts";

export type StandInRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonValue | undefined;
};

export type StandInAnswer = {
  readonly status: number;
  readonly body?: JsonValue;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Raw text instead of a JSON body. */
  readonly text?: string;
};

export type Answering = (request: StandInRequest) => StandInAnswer | undefined | Promise<StandInAnswer | undefined>;

/**
 * A stand-in for the platform in tests of plugins: a real HTTP server that answers like a plugin's lane, keeps what came
 * in, and has keys to sign call tokens. It decides nothing: no policy, no sanitization.
 */
export type LaneStandIn = AsyncDisposable & {
  readonly url: string;
  /** What came in, oldest first; optionally of one `METHOD /path` only. */
  readonly requests: (endpoint?: string) => readonly StandInRequest[];
  /** The payloads of what was published as this type. */
  readonly published: (eventType: string) => readonly JsonObject[];
  /** From now on answers `METHOD /path` this way; an undefined answer falls back to the standard one. */
  readonly answer: (endpoint: string, answering: Answering) => void;
  readonly keys: GatewayKeys;
};

export async function openLaneStandIn(): Promise<LaneStandIn> {
  const requests: StandInRequest[] = [];
  const answers = new Map<string, Answering>();
  const keys = await makeGatewayKeys();
  const standard = standardAnswers(keys);
  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const answer = (await answers.get(endpointOf(request))?.(request)) ?? standard(request);
    const { status, body, contentType = "application/json", text = JSON.stringify(body) } = answer;
    response.writeHead(status, { "content-type": contentType }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    requests: (endpoint) => requests.filter((request) => !endpoint || endpointOf(request) === endpoint),
    published: (eventType) => requests.flatMap((request) => publishedAs(request, eventType)),
    answer: (endpoint, answering) => void answers.set(endpoint, answering),
    keys,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function endpointOf({ method, path }: StandInRequest): string {
  return `${method} ${path}`;
}

async function readRequest(incoming: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const body = parseJson(Buffer.concat(chunks).toString());
  return { method: incoming.method ?? "", path: incoming.url ?? "", headers, body };
}

function publishedAs({ path, body }: StandInRequest, eventType: string): readonly JsonObject[] {
  const event = body as { event_type?: string; payload?: JsonObject } | undefined;
  return path === "/events/publish" && event?.event_type === eventType && event.payload ? [event.payload] : [];
}
