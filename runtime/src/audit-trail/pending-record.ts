import { type AuditRecord, canonicalJson } from "@vivified/contracts";
import { VivifiedError } from "../errors/vivified-error.ts";

/** The most that one record may take: more than the largest question and the largest answer together, less than a message. */
export const maxRecordBytes = 640 * 1024;

/**
 * A record on its way into the trail. Somebody may wait for it, for as long as its deadline; after that it is `lapsed`:
 * the waiter was told no, so the record need not be stored, and if it turns out to be stored it was never acted on.
 */
export class PendingRecord {
  readonly text: string;
  readonly size: number;
  readonly decisionId: string;
  readonly #waiter: PromiseWithResolvers<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #state: "waiting" | "lapsed" | "stored" = "waiting";

  /** @throws VivifiedError `too_large` 413 for a record that no block has room for. */
  constructor(record: AuditRecord, waitMs?: number) {
    this.text = canonicalJson(record);
    this.size = Buffer.byteLength(this.text);
    if (this.size > maxRecordBytes) throw new VivifiedError("too_large", { detail: "too much to keep a record of" });
    this.decisionId = record.decision_id;
    if (waitMs === undefined) return;
    this.#waiter = Promise.withResolvers<void>();
    this.#timer = setTimeout(() => this.lapse(), waitMs);
  }

  /** Resolves once the record is durable. @throws VivifiedError `audit_unavailable` 503 */
  get durable(): Promise<void> {
    return this.#waiter?.promise ?? Promise.resolve();
  }

  get lapsed(): boolean {
    return this.#state === "lapsed";
  }

  get stored(): boolean {
    return this.#state === "stored";
  }

  /** The record is durable. Returns false when nobody waits any more and the waiter was told no. */
  settle(): boolean {
    clearTimeout(this.#timer);
    const inTime = this.#state !== "lapsed";
    this.#state = "stored";
    this.#waiter?.resolve();
    return inTime;
  }

  /** Tells the waiter no. A record that nobody waits for does not lapse. */
  lapse(): void {
    if (this.#waiter === undefined || this.#state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#state = "lapsed";
    this.#waiter.reject(new VivifiedError("audit_unavailable"));
  }
}
