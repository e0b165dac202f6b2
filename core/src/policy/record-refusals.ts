import { VivifiedError } from "@vivified/runtime";
import type { Stores } from "../stores.ts";
import type { Requester } from "./guard-admin.ts";
import { refusalRecord } from "./refusal-record.ts";

export type RecordRefusalsDeps<T> = {
  readonly stores: { readonly decisions: Pick<Stores["decisions"], "append"> };
  readonly work: () => Promise<T>;
};

const recorded: readonly string[] = ["policy_bundle_refused", "conflict", "denied"];

/** Writes down that a change of the policy was refused, and why, before whoever asked hears of it. */
export async function recordRefusals<T>(action: string, by: Requester, deps: RecordRefusalsDeps<T>): Promise<T> {
  try {
    return await deps.work();
  } catch (error) {
    if (error instanceof VivifiedError && recorded.includes(error.code)) {
      await deps.stores.decisions.append([refusalRecord(action, by, error)]);
    }
    throw error;
  }
}
