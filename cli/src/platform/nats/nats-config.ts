import { canonicalEventsStream } from "@vivified/contracts";
import { type NatsUser, type Rights, rightsOf } from "./nats-permissions.ts";
import type { Keeper, Right } from "./nats-subjects.ts";

type Login = NatsUser & { readonly password: string };

export type NatsConfig = {
  readonly port: number;
  readonly storeDirectory: string;
  /** Encrypts the store at rest: events carry health data. */
  readonly storeKey: string;
  readonly users: readonly Login[];
};

/**
 * How long the server remembers where answers go that may be several; longer than a pull waits for a message.
 * Answers that come later are lost.
 */
const manyAnswersWithin = "45s";

const mebibyte = 1024 * 1024;
const storeBytes = 8192 * mebibyte;

/** What the store has room for beside events and buckets: decision blocks. */
export const trailRoomBytes = storeBytes - canonicalEventsStream.maxBytes - 256 * mebibyte;

/** The server's configuration. Acknowledged means on disk: `sync_interval: always` (its default acknowledges before). */
export function natsConfigText(config: NatsConfig): string {
  const jetstream = {
    store_dir: config.storeDirectory,
    sync_interval: "always",
    cipher: "aes",
    key: config.storeKey,
    max_memory_store: 64 * mebibyte,
    max_file_store: storeBytes,
  };
  const settings = { server_name: "vivified", listen: `127.0.0.1:${config.port}`, max_payload: mebibyte };
  // nats-server reads JSON as well as its own format
  return `${JSON.stringify({ ...settings, jetstream, accounts: accountsOf(config.users) }, null, 2)}\n`;
}

/**
 * Two accounts keep streams; every process that is not theirs has an account of its own, whose imports are its rights:
 * what it asks leaves that account, and answers and deliveries come back into it and nowhere else (decision 0148).
 */
function accountsOf(users: readonly Login[]) {
  const guests = users.filter((user) => keeperOf(user) === undefined);
  const keepers = (["PLATFORM", "EVENTS"] as const).map((keeper) => {
    const own = users.filter((user) => keeperOf(user) === keeper);
    return [keeper, { jetstream: "enabled", users: own.map(userOf), exports: exportsOf(keeper, guests) }] as const;
  });
  const others = guests.map(
    (guest) => [accountOf(guest), { users: [userOf(guest)], imports: importsOf(rightsOf(guest)) }] as const,
  );
  return Object.fromEntries([...keepers, ...others]);
}

/** The account that a user shares with what it keeps. */
function keeperOf({ kind }: NatsUser): Keeper | undefined {
  if (kind === "installer" || kind === "core") return "PLATFORM";
  return kind === "events-installer" ? "EVENTS" : undefined;
}

const accountOf = ({ name }: NatsUser): string => name.toUpperCase();

function userOf(login: Login) {
  const { publish, heard } = rightsOf(login);
  const subscribe = [`_INBOX_${login.name}.>`, ...heard];
  const permissions = { publish: { allow: publish.map(({ subject }) => subject) }, subscribe: { allow: subscribe } };
  return { user: login.name, password: login.password, permissions };
}

function importsOf({ publish, heard }: Rights) {
  return [
    ...publish.map(({ subject, keeper }) => ({ service: { account: keeper, subject } })),
    ...heard.map((subject) => ({ stream: { account: "PLATFORM", subject } })),
  ];
}

/** Each subject once, for those who import it and nobody else. */
function exportsOf(keeper: Keeper, guests: readonly Login[]) {
  const asked = guests.flatMap((guest) => rightsOf(guest).publish.filter((right) => right.keeper === keeper));
  const services = [...new Map(asked.map((right) => [right.subject, right])).values()].map((right) => ({
    ...serviceOf(right),
    accounts: guests.filter((guest) => rightsOf(guest).publish.some((one) => isSame(one, right))).map(accountOf),
  }));
  const heard = keeper === "PLATFORM" ? [...new Set(guests.flatMap((guest) => rightsOf(guest).heard))] : [];
  const feeds = heard.map((stream) => ({
    stream,
    accounts: guests.filter((guest) => rightsOf(guest).heard.includes(stream)).map(accountOf),
  }));
  return [...services, ...feeds];
}

function serviceOf({ subject, many }: Right) {
  return { service: subject, ...(many && { response_type: "stream", threshold: manyAnswersWithin }) };
}

const isSame = (one: Right, other: Right): boolean => one.subject === other.subject && one.keeper === other.keeper;
