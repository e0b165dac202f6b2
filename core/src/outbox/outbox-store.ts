import type { JsonObject, TraceContext } from "@vivified/contracts";

/** An event that core wants to publish, written in the transaction of what it tells of. */
export type Announcement = {
  readonly eventType: string;
  readonly payload: JsonObject;
  /** The trace of the request that caused it. */
  readonly trace: TraceContext;
};

/** Its id is the idempotency key: however often it is sent, it is one event. */
export type Waiting = Announcement & {
  readonly id: string;
  readonly attempts: number;
  /** How many of the attempts before were refused for good. */
  readonly refusals: number;
};

export type OutboxStore = {
  readonly add: (announcement: Announcement) => Promise<void>;
  /** Takes the next due one for a while; whoever dies with it leaves it to the next one after that. */
  readonly claim: (leaseMs: number) => Promise<Waiting | undefined>;
  readonly delivered: (id: string) => Promise<void>;
  readonly retryLater: (id: string, delayMs: number, code: string) => Promise<void>;
  /** The same after a refusal, which is counted. */
  readonly refused: (id: string, delayMs: number, code: string) => Promise<void>;
  readonly giveUp: (id: string, code: string) => Promise<void>;
  readonly waiting: () => Promise<number>;
};
