import { type Logger, VivifiedError } from "@vivified/runtime";
import { GivenUp } from "../database/keep-alive.ts";
import { type AdvanceDeps, advanceLog } from "./advance-log.ts";
import { signedEdge } from "./grow-log.ts";
import { logStore } from "./log-store.postgres.ts";
import type { SignedCheckpoint } from "./log-store.ts";
import { publishCheckpoint } from "./publish-checkpoint.ts";
import { reachPublished } from "./reach-published.ts";
import { removePartials } from "./remove-partials.ts";
import { tellFault } from "./tell-fault.ts";
import { tellKeyChange } from "./tell-key-change.ts";

export type AuditLogDeps = AdvanceDeps & {
  readonly logger: Logger;
  /** Called after a checkpoint was signed. */
  readonly signed: (checkpoint: SignedCheckpoint) => void;
};

/** One full bundle. A storage that fails now and then takes this much some time. */
const smallestBatch = 256;

/** The transparency log of the audit trail as this process drives it. Everything that must last is in the database. */
export class AuditLog {
  readonly #deps: AuditLogDeps;
  #checked = false;
  /** Counts what was to be published, and how much of it was: something may come while a publication is under way. */
  #toPublish = 1;
  #published = 0;
  #fault: string | undefined;
  /** Whether the trail says so. */
  #isTold = false;
  /** Storage calls of a step that was given up have not ended. */
  #hangs = false;
  /** Records for the next checkpoint, at most: half as many after each failure, so that some are taken at last. */
  #batch: number;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
    this.#batch = deps.maxRecords;
  }

  /** What is wrong with the log, as this process found it. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** False once what lies on the storage was found not to be what was signed. A storage that is away contradicts nothing. */
  get ready(): boolean {
    return this.#fault === undefined;
  }

  /**
   * Signs what is due and publishes what is not published. Whatever contradicts what was signed is told once, and nothing
   * is signed until it is gone. While calls hang that were given up, none are added to them: every one may hold a thread.
   *
   * @throws VivifiedError `upstream_timeout` when the storage does not answer; the next turn tries again
   */
  async turn(): Promise<void> {
    if (this.#hangs) throw new VivifiedError("upstream_timeout", { detail: "the log's storage does not answer" });
    try {
      if (!this.#checked || !this.ready) await this.#check();
      if (this.#checked) await this.#advance();
    } catch (error) {
      if (error instanceof GivenUp) this.#waitFor(error.ended);
      if (!contradicts(error)) throw error;
      await this.#found(error.detail ?? error.code);
    }
  }

  /** The storage is to be asked again at the next turn: a cosignature came. */
  republish(): void {
    this.#toPublish += 1;
  }

  /** The end of what was signed, and the published checkpoint, before anything is added. */
  async #check(): Promise<void> {
    const store = logStore(this.#deps.db);
    await signedEdge(await store.newest(), this.#deps);
    await reachPublished(this.#deps);
    await publishCheckpoint(this.#deps);
    const isTold = await tellKeyChange(this.#deps.identity, this.#deps.db);
    if ((await store.fault()) !== undefined) await store.setFault(undefined);
    if (this.#fault !== undefined) this.#deps.logger.info("the audit log is consistent again");
    this.#fault = undefined;
    this.#checked = isTold;
  }

  async #advance(): Promise<void> {
    for (;;) {
      const checkpoint = await this.#advanceOnce();
      if (checkpoint !== undefined) {
        this.#toPublish += 1;
        this.#deps.signed(checkpoint);
      }
      await this.#publish();
      if (checkpoint === undefined) return;
      await this.#tidy(checkpoint.size);
    }
  }

  async #advanceOnce(): Promise<SignedCheckpoint | undefined> {
    const { maxRecords } = this.#deps;
    try {
      const checkpoint = await advanceLog({ ...this.#deps, maxRecords: this.#batch });
      if (checkpoint !== undefined) this.#batch = Math.min(maxRecords, 2 * this.#batch);
      return checkpoint;
    } catch (error) {
      this.#batch = Math.min(maxRecords, Math.max(smallestBatch, Math.ceil(this.#batch / 2)));
      throw error;
    }
  }

  #waitFor(ended: Promise<void>): void {
    this.#hangs = true;
    void ended.then(() => {
      this.#hangs = false;
    });
  }

  async #publish(): Promise<void> {
    const upTo = this.#toPublish;
    if (this.#published === upTo) return;
    const note = await publishCheckpoint(this.#deps);
    if (note !== undefined) this.#published = upTo;
  }

  async #tidy(size: number): Promise<void> {
    const store = logStore(this.#deps.db);
    const [previous] = await store.list(1, size);
    await removePartials(previous?.size ?? 0, size, { store, storage: this.#deps.storage });
  }

  async #found(fault: string): Promise<void> {
    if (this.#fault !== fault) {
      this.#deps.logger.error({ fault }, "the audit log is inconsistent; nothing is signed");
      this.#fault = fault;
      this.#isTold = false;
    }
    if (!this.#isTold) this.#isTold = await tellFault(fault, this.#deps.db);
  }
}

/** Files of another shape than tiles and bundles contradict what was signed as much as other hashes do. */
function contradicts(error: unknown): error is VivifiedError {
  return error instanceof VivifiedError && ["log_inconsistent", "malformed"].includes(error.code);
}
