import type { IncomingMessage } from "node:http";
import type { pluginHeaders } from "@vivified/contracts";
import type { JsonObject } from "../json.ts";
import { newTrace, readTraceparent, type TraceContext, withTrace } from "../trace.ts";
import { type Caller, CallTokenError, tokenHeader, type VerifyCallToken } from "./call-token.ts";
import { readEvent } from "./event.ts";
import type { HandleOnce } from "./handled-events.ts";
import type { Manifest } from "./manifest.ts";
import type { Call, EventHandler, OperationHandler, PluginContext } from "./plugin-definition.ts";
import { BodyError, readBody } from "./read-body.ts";
import { Refusal } from "./refusal.ts";
import { findRoute, type Route } from "./route.ts";

export type Answer = { readonly status: number; readonly body?: JsonObject };

export type HandleRequestDeps<Config> = {
  readonly manifest: Manifest;
  readonly operations: ReadonlyMap<string, OperationHandler<Config>>;
  readonly events: ReadonlyMap<string, EventHandler<Config>>;
  readonly context: PluginContext<Config>;
  readonly verify: VerifyCallToken;
  readonly handleOnce: HandleOnce;
  readonly maxBodyBytes: number;
};

/** A request whose sender is known, and the call that its handler gets to see. */
type Permitted<Config> = {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  readonly call: Call<Config>;
};

const traceHeader: (typeof pluginHeaders)["trace"] = "x-trace-id";

/**
 * A request of the gateway: who permitted it, what it is for, its body, its handler. Without a good call token nothing of
 * it is looked at, not even whether the path exists.
 *
 * @throws CallTokenError, KeysUnavailableError, BodyError, Refusal, and whatever the handler throws
 */
export async function handleRequest<C>(request: IncomingMessage, deps: HandleRequestDeps<C>): Promise<Answer> {
  const token = request.headers[tokenHeader];
  const caller = await deps.verify(typeof token === "string" ? token : undefined);
  const route = findRoute(deps.manifest, request.method ?? "", urlOf(request).pathname);
  if (route === undefined) throw new Refusal("not_found", "there is no such operation");
  const trace = traceOf(request);
  const call = { ...deps.context, caller: caller.caller, decisionId: caller.decisionId, traceId: trace.traceId };
  const permitted = { request, caller, call };
  return withTrace(trace, () =>
    route.kind === "event" ? takeEvent(permitted, deps) : operate(route, permitted, deps),
  );
}

type OperationRoute = Extract<Route, { kind: "operation" }>;

async function operate<C>(
  { operation, parameters }: OperationRoute,
  { request, caller, call }: Permitted<C>,
  deps: HandleRequestDeps<C>,
): Promise<Answer> {
  mustBePermitted(caller, `rpc:${operation.name}`);
  const handler = deps.operations.get(operation.name);
  if (handler === undefined) throw new Refusal("not_found", "there is no such operation");
  const payload = hasBody(request) ? await readBody(request, deps.maxBodyBytes) : queryOf(request);
  return { status: 200, body: await handler({ ...payload, ...parameters }, call) };
}

async function takeEvent<C>({ request, caller, call }: Permitted<C>, deps: HandleRequestDeps<C>): Promise<Answer> {
  const event = readEvent(request.headers, await readBody(request, deps.maxBodyBytes));
  if (event === undefined) throw new BodyError(400, "malformed");
  mustBePermitted(caller, `event:${event.type}`);
  const handler = deps.events.get(event.type);
  if (handler === undefined) throw new Refusal("not_found", "events of this type are not handled");
  await deps.handleOnce(`${event.source} ${event.id}`, () => handler(event, call));
  return { status: 204 };
}

/** A token is good for what it was made for, and for nothing else. */
function mustBePermitted(caller: Caller, action: string): void {
  if (caller.action !== action) throw new CallTokenError("the call token is for something else");
}

/** The trace of the platform's request; without one, the trace id alone, or a new trace. */
function traceOf({ headers }: IncomingMessage): TraceContext {
  const traceparent = typeof headers.traceparent === "string" ? headers.traceparent : undefined;
  const trace = readTraceparent(traceparent);
  if (trace) return trace;
  const fresh = newTrace();
  return readTraceparent(`00-${String(headers[traceHeader])}-${fresh.spanId}-01`) ?? fresh;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function queryOf(request: IncomingMessage): JsonObject {
  return Object.fromEntries(urlOf(request).searchParams);
}

function urlOf(request: IncomingMessage): URL {
  return new URL(`http://plugin${request.url?.startsWith("/") ? request.url : "/"}`);
}
