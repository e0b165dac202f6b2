import { describe, expect, it } from "vitest";
import { natsConfigText } from "./nats-config.ts";
import { natsUsers } from "./nats-permissions.ts";

const passwords = { installer: "i", core: "c", gateway: "g", "control-plane": "p" };
const config = JSON.parse(natsConfigText({ port: 4222, storeDirectory: "/store", storeKey: "key", passwords }));

describe("the configuration of NATS", () => {
  it("listens on loopback and nowhere else", () => {
    expect(config.listen).toBe("127.0.0.1:4222");
  });

  it("keeps everything encrypted, and on disk before it says so", () => {
    expect(config.jetstream).toMatchObject({ cipher: "aes", key: "key", sync_interval: "always" });
  });

  it("knows our processes and nobody else, each by a password of its own", () => {
    const { users } = config.authorization;
    expect(users.map(({ user }: { user: string }) => user)).toEqual([...natsUsers]);
    expect(new Set(users.map(({ password }: { password: string }) => password)).size).toBe(natsUsers.length);
    for (const { permissions } of users) expect(Object.keys(permissions)).toEqual(["publish", "subscribe"]);
  });

  it.each(["core", "control-plane"])("lets nobody but %s write what it says of itself", (process) => {
    const blocks = `audit.blocks.${process}`;
    for (const { user, permissions } of config.authorization.users) {
      expect(permissions.publish.allow.includes(blocks), user).toBe(user === process);
      expect(permissions.publish.deny.includes(blocks), user).toBe(user !== process);
    }
  });
});
