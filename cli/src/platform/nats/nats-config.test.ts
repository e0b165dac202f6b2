import { describe, expect, it } from "vitest";
import { natsConfigText } from "./nats-config.ts";
import { natsUsersOf } from "./nats-users.ts";

const secret = (text: string) => ({ text, file: `/${text}` });
const logins = {
  ...{ installer: secret("i"), "events-installer": secret("e"), core: secret("c"), "control-plane": secret("p") },
  gateways: [secret("g1"), secret("g2")],
};
const users = natsUsersOf(logins);

type Service = { readonly account: string; readonly subject: string };
type Export = { readonly service?: string; readonly stream?: string; readonly accounts: readonly string[] };
type User = {
  readonly user: string;
  readonly password: string;
  readonly permissions: { readonly publish: { readonly allow: readonly string[] } };
};
type Account = {
  readonly users: readonly User[];
  readonly jetstream?: string;
  readonly exports?: readonly Export[];
  readonly imports?: readonly { readonly service?: Service; readonly stream?: Service }[];
};

const config = JSON.parse(natsConfigText({ port: 4222, storeDirectory: "/store", storeKey: "key", users }));
const accounts: Record<string, Account> = config.accounts;
const everybody = Object.values(accounts).flatMap((account) => account.users);
const allowed = (name: string): readonly string[] =>
  everybody.find(({ user }) => user === name)?.permissions.publish.allow ?? [];
const imported = (account: string) => (accounts[account]?.imports ?? []).flatMap(({ service }) => service ?? []);

describe("the configuration of NATS", () => {
  it("listens on loopback and nowhere else", () => {
    expect(config.listen).toBe("127.0.0.1:4222");
  });

  it("keeps everything encrypted, and on disk before it says so", () => {
    expect(config.jetstream).toMatchObject({ cipher: "aes", key: "key", sync_interval: "always" });
  });

  it("knows our processes and nobody else, each by a password of its own", () => {
    expect(config.authorization).toBeUndefined();
    const names = ["installer", "core", "events-installer", "control-plane", "gateway", "gateway-2"];
    expect(everybody.map(({ user }) => user)).toEqual(names);
    expect(new Set(everybody.map(({ password }) => password)).size).toBe(names.length);
    for (const { permissions } of everybody) expect(Object.keys(permissions)).toEqual(["publish", "subscribe"]);
  });

  it("gives everybody who keeps nothing an account of their own, without streams", () => {
    const shared = Object.entries(accounts).filter(([, { jetstream }]) => jetstream === "enabled");
    expect(shared.map(([name, { users: own }]) => [name, own.map(({ user }) => user)])).toEqual([
      ["PLATFORM", ["installer", "core"]],
      ["EVENTS", ["events-installer"]],
    ]);
    expect(Object.keys(accounts)).toEqual(["PLATFORM", "EVENTS", "CONTROL-PLANE", "GATEWAY", "GATEWAY-2"]);
    for (const name of ["CONTROL-PLANE", "GATEWAY", "GATEWAY-2"]) {
      expect(accounts[name]?.users).toHaveLength(1);
      expect(imported(name).map(({ subject }) => subject)).toEqual(allowed(name.toLowerCase()));
    }
  });

  it("exports each subject once, to those who import it and nobody else", () => {
    for (const [keeper, { exports = [] }] of Object.entries(accounts)) {
      const services = exports.flatMap(({ service }) => service ?? []);
      expect(new Set(services).size).toBe(services.length);
      for (const { service, accounts: to } of exports) {
        if (service === undefined) continue;
        const importers = Object.keys(accounts).filter((name) =>
          imported(name).some((one) => one.account === keeper && one.subject === service),
        );
        expect(to, service).toEqual(importers);
      }
    }
  });

  it("lets those hear of changes who follow them, and nobody else", () => {
    const feeds = Object.values(accounts).flatMap(({ exports = [] }) => exports.filter(({ stream }) => stream));
    expect(feeds.map(({ stream, accounts: to }) => [stream, to])).toEqual([
      ["changed.SNAPSHOT.current", ["CONTROL-PLANE", "GATEWAY", "GATEWAY-2"]],
      ["changed.NODES.>", ["GATEWAY", "GATEWAY-2"]],
    ]);
  });

  it.each(["CONTROL-PLANE", "GATEWAY", "GATEWAY-2"])(
    "lets %s make no consumer and change no stream of the platform",
    (name) => {
      const asked = imported(name).filter(({ account }) => account === "PLATFORM");
      const api = asked.map(({ subject }) => subject).filter((subject) => subject.startsWith("$JS."));
      for (const subject of api) expect(subject).toMatch(/^\$JS\.API\.(INFO|STREAM\.(INFO|MSG\.GET)\.[A-Z_]+)$/);
      const streams = imported(name).map(({ subject }) => subject);
      expect(
        streams.filter((subject) => /STREAM\.(CREATE|UPDATE|DELETE|PURGE|SNAPSHOT|RESTORE)/.test(subject)),
      ).toEqual([]);
    },
  );

  it.each(["core", "control-plane"])("lets nobody but %s write what it says of itself", (process) => {
    const blocks = `audit.blocks.${process}`;
    for (const { user, permissions } of everybody) {
      expect(permissions.publish.allow.includes(blocks), user).toBe(user === process);
      expect(permissions.publish.allow.filter((subject) => /^audit\..*[*>]/.test(subject))).toEqual([]);
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
  });
});
