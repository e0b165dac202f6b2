import { join } from "node:path";
import { isJsonObject } from "@vivified/contracts";
import type { RunningPlugin } from "../../platform/plugins/start-plugin.ts";
import { claim } from "../claim.ts";
import type { StoryOfUser } from "../story.ts";
import type { Attempt } from "./attempt.ts";

/** Past the lane: straight to another plugin, to the platform's own ports, and to the keys. */
export const directDial: Attempt = {
  title: "dialing another plugin directly",
  run: async (story) => {
    const other = story.platform.plugins.get("user-management");
    const self = story.platform.plugins.get("newsletter");
    claim(other !== undefined && self !== undefined, "both plugins run");
    if (story.platform.isolation.mode === "off") return withoutNamespaces(story, other);
    await noRoute(story, other);
    await noKey(story, [self, other]);
    await noPower(story, self);
  },
};

async function noRoute(story: StoryOfUser, other: RunningPlugin): Promise<void> {
  const { core, gateway } = { core: story.platform.apiUrl, gateway: other.ports.mesh };
  const targets = {
    "user-management's Envoy": gateway,
    "user-management itself": other.ports.plugin,
    core: Number(new URL(core).port),
  };
  for (const [name, port] of Object.entries(targets)) {
    const { error } = await story.newsletter.obey({ do: "dial", host: "127.0.0.1", port });
    claim(error !== undefined, `${name} cannot be dialed`);
    story.tell.refused({
      tried: `dial 127.0.0.1:${port} (${name})`,
      cameBack: error.code ?? error.message,
      why: "its network namespace holds its own loopback and nothing else",
    });
  }
  const { error } = await story.newsletter.obey({ do: "dial", host: "192.0.2.1", port: 443 });
  claim(error?.code === "ENETUNREACH", "there is no route to anywhere");
  story.tell.refused({ tried: "dial 192.0.2.1:443 (the world)", cameBack: "ENETUNREACH", why: "there is no route" });
}

async function noKey({ newsletter, tell }: StoryOfUser, plugins: readonly RunningPlugin[]): Promise<void> {
  for (const { id, svidDirectory } of plugins) {
    const path = join(svidDirectory, "key.pem");
    const { error } = await newsletter.obey({ do: "read-file", path });
    claim(error !== undefined, `the key of ${id} cannot be read`);
    const why = "of the machine's files it sees its own code and nothing else";
    tell.refused({ tried: `read the SVID key of ${id}`, cameBack: error.code ?? error.message, why });
  }
}

async function noPower({ newsletter, tell }: StoryOfUser, self: RunningPlugin): Promise<void> {
  const { ok } = await newsletter.obey({ do: "whoami" });
  claim(isJsonObject(ok) && isJsonObject(ok.caps) && isJsonObject(ok.interfaces), "it says who it is");
  claim(ok.uid === self.user && ok.uid !== 0, "it runs under its own uid");
  claim(
    Object.values(ok.caps).every((set) => /^0+$/.test(String(set))),
    "it has no capability in any set",
  );
  claim(ok.no_new_privs === "1", "it cannot gain privileges");
  claim(Object.keys(ok.interfaces).join() === "lo", "it has loopback only");
  const { error } = await newsletter.obey({ do: "list-dir", path: "/proc/1/root" });
  claim(error?.code === "EACCES", "it cannot look into the root of the process that holds its namespaces");
  tell.say(
    `It says of itself: uid ${ok.uid}, capabilities ${ok.caps.effective}, interfaces ${Object.keys(ok.interfaces)}, no new privileges.`,
  );
}

/** Nothing keeps it from dialing, so it is the other's Envoy that must refuse it. */
async function withoutNamespaces(story: StoryOfUser, other: RunningPlugin): Promise<void> {
  story.tell.say(
    "NAMESPACE ISOLATION IS OFF: newsletter can open connections; only the other's Envoy stands in its way.",
  );
  const url = `https://127.0.0.1:${other.ports.mesh}/operations/get_user`;
  const { error, ok } = await story.newsletter.obey({ do: "fetch", url, method: "POST", body: "{}" });
  claim(error !== undefined, `user-management's Envoy refuses who has no SVID, and did not: ${JSON.stringify(ok)}`);
  const why = "its Envoy asks for a certificate and admits the gateway's identity only";
  story.tell.refused({ tried: `POST ${url}`, cameBack: error.code ?? error.message, why });
}
