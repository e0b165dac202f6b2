import { readFile } from "node:fs/promises";
import type { Platform } from "@vivified/cli";
import { Agent } from "undici";
import { isLaneKind, type LaneKind, laneRequest, type OutsidePorts } from "./lane-requests.ts";
import type { Order } from "./order.ts";
import { sendOrder } from "./send-order.ts";

export type OrderDesk = AsyncDisposable & { readonly send: (order: Order) => Promise<unknown> };

const domain = "demo.example";

/** Carries orders to where each kind is taken: the lane of the plugin `load`, or core's API as its first admin. */
export async function openOrderDesk(platform: Platform, ports: OutsidePorts): Promise<OrderDesk> {
  const lane = platform.plugins.get("load");
  if (lane === undefined) throw new Error("the plugin load does not run");
  const laneUrl = `http://127.0.0.1:${lane.ports.lane}`;
  const plain = new Agent({ connections: 64 });
  const ca = await readFile(platform.caFile, "utf8");
  const api = new Agent({ connections: 16, connect: { ca, servername: "localhost" } });
  const password = (await readFile(platform.admin.passwordFile, "utf8")).trim();
  const admin = adminOrders(platform.apiUrl, { username: platform.admin.username, password }, api);
  return {
    send: (order) => {
      if (!isLaneKind(order.kind)) return order.kind === "login" ? admin.login(order) : admin.createUser(order);
      const { path, ...wanted } = laneRequest(order as Order & { kind: LaneKind }, ports);
      const headers: Record<string, string> = order.kind === "publish" ? { "idempotency-key": order.op } : {};
      return sendOrder(order, { ...wanted, url: `${laneUrl}${path}`, headers, dispatcher: plain });
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([plain.destroy(), api.destroy()])),
  };
}

function adminOrders(apiUrl: string, credentials: { username: string; password: string }, dispatcher: Agent) {
  const base = apiUrl.replace("localhost", "127.0.0.1");
  let token = "";
  const login = async (order: Order) => {
    const done = await sendOrder(order, {
      url: `${base}/auth/login`,
      method: "POST",
      body: credentials,
      dispatcher,
    });
    const given = done.answer?.body.access_token;
    if (typeof given === "string") token = given;
  };
  const createUser = (order: Order) => {
    const body = { username: order.op, email: `${order.op}@${domain}`, full_name: "Grace Hopper" };
    const headers = { authorization: `Bearer ${token}` };
    return sendOrder(order, { url: `${base}/admin/users`, method: "POST", body, headers, dispatcher });
  };
  return { login, createUser };
}
