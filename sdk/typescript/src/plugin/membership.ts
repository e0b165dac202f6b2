import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Registration } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import { errorFields, type Log } from "./log.ts";

/** What the platform last said about this plugin. */
export type Membership = {
  readonly status: Registration["status"] | "joining";
  /** RFC 3339, of the last registration or heartbeat that was answered. */
  readonly seen_at?: string;
};

export type MembershipDeps = {
  readonly client: Pick<Client, "register" | "heartbeat">;
  readonly document: JsonObject;
  readonly log: Log;
  readonly startedAtMs: number;
  /** Between heartbeats; default 30 s. */
  readonly heartbeatMs?: number;
  /** First and longest wait between attempts to become active; default 0.25 s and 5 s. */
  readonly retryMs?: { readonly first: number; readonly longest: number };
};

export type MembershipKeeper = AsyncDisposable & {
  readonly current: () => Membership;
  /** Begins to register; once. */
  readonly start: () => void;
};

/**
 * Keeps the plugin registered: registers until it is active, then sends heartbeats, and registers again as soon as one
 * is refused. Never gives up and never throws; dispose it to stop.
 */
export function openMembership(deps: MembershipDeps): MembershipKeeper {
  const stop = new AbortController();
  let membership: Membership = { status: "joining" };
  let keeping: Promise<void> | undefined;
  const note: Note = {
    answered: (status) => {
      if (status !== membership.status) deps.log.info("membership changed", { status });
      membership = { status, seen_at: new Date().toISOString() };
    },
    refused: refusalsOnce(deps.log),
  };
  return {
    current: () => membership,
    start: () => {
      keeping ??= keep(deps, note, stop.signal);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await keeping;
    },
  };
}

type Note = {
  readonly answered: (status: Membership["status"]) => void;
  readonly refused: (error: unknown) => void;
};

async function keep(deps: MembershipDeps, note: Note, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await becomeActive(deps, note, stop);
    await stayActive(deps, note, stop);
  }
}

async function becomeActive(deps: MembershipDeps, note: Note, stop: AbortSignal): Promise<void> {
  const { first, longest } = deps.retryMs ?? { first: 250, longest: 5_000 };
  for (let waitMs = first; !stop.aborted; waitMs = Math.min(waitMs * 2, longest)) {
    const status = await attempt(note, async () => (await deps.client.register(deps.document)).status);
    if (status) note.answered(status);
    if (status === "active") return;
    await pause(waitMs, stop);
  }
}

async function stayActive(deps: MembershipDeps, note: Note, stop: AbortSignal): Promise<void> {
  let alive: true | undefined = true;
  while (alive && !stop.aborted) {
    await pause(deps.heartbeatMs ?? 30_000, stop);
    if (stop.aborted) return;
    alive = await attempt(note, () => deps.client.heartbeat((Date.now() - deps.startedAtMs) / 1000).then(() => true));
    if (alive) note.answered("active");
  }
}

async function attempt<T>(note: Note, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    note.refused(error);
    return undefined;
  }
}

/** Logs a refusal when it differs from the one before, so that waiting for approval does not fill the log. */
function refusalsOnce(log: Log): Note["refused"] {
  let last = "";
  return (error) => {
    const fields = errorFields(error);
    const kind = `${fields.error} ${fields.code}`;
    if (kind !== last) log.warn("the platform did not take us", fields);
    last = kind;
  };
}

/** Waits about that long (± 20 %, so that plugins do not come in step), or until stopped. */
async function pause(waitMs: number, stop: AbortSignal): Promise<void> {
  await sleep(waitMs * (0.8 + Math.random() * 0.4), undefined, { signal: stop }).catch(() => {});
}
