import type { AlertChannelName, AlertDelivery } from "./alert-store.ts";

/** A way out to people. */
export type AlertChannel = {
  readonly name: AlertChannelName;
  /** Resolves once the other side has taken it. @throws AlertNotTaken; anything else is a fault, and counts as not taken */
  readonly send: (delivery: AlertDelivery) => Promise<void>;
};

/** The other side did not take a notice, or cannot be reached. `code` is short and says nothing private. */
export class AlertNotTaken extends Error {
  override readonly name = "AlertNotTaken";
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(`the alert was not taken: ${code}`, { cause });
    this.code = code.slice(0, 64);
  }
}
