import { describe, expect, it } from "vitest";
import { natsConfigText } from "./nats-config.ts";
import { natsUsersOf } from "./nats-users.ts";

const secret = (text: string) => ({ text, file: `/${text}` });
const logins = {
  ...{ installer: secret("i"), core: secret("c"), "control-plane": secret("p") },
  gateways: [secret("g1"), secret("g2")],
};
const users = natsUsersOf(logins);
const config = JSON.parse(natsConfigText({ port: 4222, storeDirectory: "/store", storeKey: "key", users }));
const allowed = (name: string): string[] =>
  config.authorization.users.find(({ user }: { user: string }) => user === name).permissions.publish.allow;

describe("the configuration of NATS", () => {
  it("listens on loopback and nowhere else", () => {
    expect(config.listen).toBe("127.0.0.1:4222");
  });

  it("keeps everything encrypted, and on disk before it says so", () => {
    expect(config.jetstream).toMatchObject({ cipher: "aes", key: "key", sync_interval: "always" });
  });

  it("knows our processes and nobody else, each by a password of its own", () => {
    const { users } = config.authorization;
    const names = ["installer", "core", "control-plane", "gateway", "gateway-2"];
    expect(users.map(({ user }: { user: string }) => user)).toEqual(names);
    expect(new Set(users.map(({ password }: { password: string }) => password)).size).toBe(names.length);
    for (const { permissions } of users) expect(Object.keys(permissions)).toEqual(["publish", "subscribe"]);
  });

  it.each(["core", "control-plane"])("lets nobody but %s write what it says of itself", (process) => {
    const blocks = `audit.blocks.${process}`;
    for (const { user, permissions } of config.authorization.users) {
      expect(permissions.publish.allow.includes(blocks), user).toBe(user === process);
      expect(permissions.publish.deny.includes(blocks), user).toBe(user !== process);
    }
  });

  it("lets a gateway say nothing in another's name", () => {
    const both = allowed("gateway").filter((subject) => allowed("gateway-2").includes(subject));
    expect(both.filter((subject) => /^audit\.|^\$KV\.(SIGNING_KEYS|POLICY_STATUS)/.test(subject))).toEqual([]);
    expect(allowed("gateway-2")).toEqual(
      expect.arrayContaining([
        ...["audit.blocks.gateway-2-0", "audit.blocks.gateway-2-7"],
        ...["$KV.SIGNING_KEYS.gateway.gateway-2", "$KV.POLICY_STATUS.gateway.gateway-2"],
      ]),
    );
    expect(allowed("gateway").filter((subject) => /^audit\..*[*>]/.test(subject))).toEqual([]);
  });
});
