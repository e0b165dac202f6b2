import type { RegisterReply } from "@vivified/contracts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Client, Registration } from "./client.ts";
import type { Lane } from "./lane.ts";
import { UnavailableError } from "./lane-error.ts";

type OwnAffairs = Pick<Client, "getConfig" | "setConfig" | "register" | "heartbeat">;

/** What a plugin settles with core about itself: registration, heartbeats, settings. */
export function openOwnAffairs(lane: Lane): OwnAffairs {
  return {
    getConfig: async () => {
      const reply = await lane({ method: "GET", path: "/plugins/self/config" });
      return isJsonObject(reply?.config) ? reply.config : {};
    },
    setConfig: async (config) => {
      await lane({ method: "PUT", path: "/plugins/self/config", body: { config } });
    },
    register: async (manifest) =>
      readRegistration(await lane({ method: "POST", path: "/plugins/register", body: { manifest } })),
    heartbeat: async (uptimeS) => {
      await lane({ method: "POST", path: "/plugins/heartbeat", body: { uptime_s: uptimeS }, timeoutMs: 10_000 });
    },
  };
}

function readRegistration(reply: JsonObject | undefined): Registration {
  const status = reply?.status;
  if (status === "registered" || status === "active" || status === "disabled") {
    const { grants, warnings } = reply as unknown as RegisterReply;
    return { status, grants: grants ?? [], warnings: warnings ?? [] };
  }
  const message = "the platform's answer to the registration cannot be read";
  throw new UnavailableError({ code: "unexpected_reply", status: 200, message, origin: "platform", retryable: true });
}
