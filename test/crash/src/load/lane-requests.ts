import { names } from "@vivified/cli";
import type { Order, OrderKind } from "./order.ts";

export type LaneRequest = { readonly method: "POST" | "PUT"; readonly path: string; readonly body: object };
export type OutsidePorts = { readonly httpPort: number; readonly mailPort: number };

export type LaneKind = Exclude<OrderKind, "login" | "user">;
export const isLaneKind = (kind: OrderKind): kind is LaneKind => kind !== "login" && kind !== "user";

/** How each kind is asked for on a plugin's lane; what is forbidden asks for something that nobody granted. */
export function laneRequest(order: Order & { readonly kind: LaneKind }, ports: OutsidePorts): LaneRequest {
  const { kind, op, forbidden } = order;
  switch (kind) {
    case "rpc":
      return { method: "POST", path: `/gateway/witness/${forbidden ? "never" : "take"}`, body: { op } };
    case "publish":
      return { method: "POST", path: "/events/publish", body: event(op, forbidden) };
    case "http":
      return { method: "POST", path: "/proxy", body: outside(op, forbidden ? "never" : "v1", ports.httpPort) };
    case "mail":
      return { method: "POST", path: "/proxy", body: mail(op, forbidden ? ports.httpPort : ports.mailPort) };
    case "settings":
      return { method: "PUT", path: "/plugins/self/config", body: { config: { note: op } } };
  }
}

function event(op: string, forbidden: boolean): object {
  const event_type = forbidden ? "EmailFailed" : "WorkflowFailed";
  const payload = forbidden ? { email_id: op, recipient: "nobody@demo.example" } : { user_id: "u-1", step: op };
  return { event_type, payload, source_plugin: "load" };
}

function outside(op: string, folder: string, port: number): object {
  return { url: `http://${names.preferences}:${port}/${folder}/${op}`, method: "POST", body: { op } };
}

function mail(op: string, port: number): object {
  const body = { from: "load@demo.example", to: ["witness@demo.example"], subject: op, text: "as agreed" };
  return { url: `smtp://${names.mail}:${port}`, method: "SEND", body };
}
