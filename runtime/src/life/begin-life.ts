import { keepLastStart, type LastStart, readLastStart } from "./last-start.ts";
import { type Starting, startLabels } from "./start-labels.ts";

export type BeginLife = Starting & {
  /** Where the instance keeps its state; without one it knows nothing of starts before. */
  readonly directory?: string;
  readonly newId: () => string;
  /** Writes the record of the start, and gives its id once it is durable. */
  readonly record: (labels: { readonly [name: string]: string }) => Promise<string>;
};

/** A life that began. */
export type Life = {
  readonly instance: string;
  /** The record of the start. */
  readonly started: string;
  /** Keeps that it ended as it should; to be called once the record of the stop is durable. */
  readonly end: () => Promise<void>;
};

/**
 * Records that a process starts, before it does anything else. What is kept says `running` from before the record until
 * the stop is recorded: whatever a killed process was at, the next start of its instance says that no stop came before.
 *
 * @throws whatever `record` throws, and for a directory that takes no file
 */
export async function beginLife(options: BeginLife): Promise<Life> {
  const { directory, newId, record, configuration } = options;
  const keep = (start: LastStart) => (directory === undefined ? Promise.resolve() : keepLastStart(directory, start));
  const kept = directory === undefined ? undefined : await readLastStart(directory);
  const last = kept ?? { instance: newId(), configuration: {}, running: false };
  await keep({ ...last, running: true });
  const decision_id = await record(startLabels(options, last));
  const now = { instance: last.instance, decision_id, configuration: { ...configuration } };
  await keep({ ...now, running: true });
  return { instance: last.instance, started: decision_id, end: () => keep({ ...now, running: false }) };
}
