import { randomUUID } from "node:crypto";
import { fetch } from "undici";
import { type JsonObject, type JsonValue, parseJson } from "../json.ts";
import type { LaneStandIn } from "./lane-stand-in.ts";

/** A plugin under test: where it listens, and its id. */
export type PluginUnderTest = { readonly id: string; readonly port: number };

export type PluginReply = { readonly status: number; readonly body: JsonValue | undefined };

export type OperationCall = {
  readonly operation: string;
  readonly path: string;
  readonly method?: string;
  readonly payload?: JsonObject;
  readonly caller?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Calls an operation the way the gateway does: with a call token, over HTTP. */
export async function callOperation(
  lane: LaneStandIn,
  plugin: PluginUnderTest,
  { operation, path, method = "POST", payload, caller, headers }: OperationCall,
): Promise<PluginReply> {
  const action = `rpc:${operation}`;
  const token = await lane.keys.token({ pluginId: plugin.id, action, ...(caller ? { caller } : {}) });
  const body = payload ? JSON.stringify(payload) : null;
  const sent = { "content-type": "application/json", "x-vivified-token": token, ...headers };
  return read(await fetch(`http://127.0.0.1:${plugin.port}${path}`, { method, headers: sent, body }));
}

export type Delivery = {
  readonly type: string;
  readonly data: JsonObject;
  readonly path: string;
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Delivers an event the way the gateway does: a CloudEvent in binary mode, with a call token. */
export async function deliverEvent(
  lane: LaneStandIn,
  plugin: PluginUnderTest,
  delivery: Delivery,
): Promise<PluginReply> {
  const { type, data, path, id = randomUUID(), headers } = delivery;
  const token = await lane.keys.token({ pluginId: plugin.id, action: `event:${type}` });
  const sent = {
    "content-type": "application/json",
    "x-vivified-token": token,
    "ce-specversion": "1.0",
    "ce-id": id,
    "ce-type": type,
    "ce-source": "spiffe://vivified.local/core",
    "ce-time": new Date().toISOString(),
    ...headers,
  };
  const url = `http://127.0.0.1:${plugin.port}${path}`;
  return read(await fetch(url, { method: "POST", headers: sent, body: JSON.stringify(data) }));
}

async function read(reply: { status: number; text(): Promise<string> }): Promise<PluginReply> {
  return { status: reply.status, body: parseJson(await reply.text()) };
}
