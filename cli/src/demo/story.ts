import type { DecisionQuery, DecisionRow, User } from "@vivified/contracts";
import type { Platform } from "../platform/platform.ts";
import { until } from "../platform/until.ts";
import type { Narrator } from "./narrator.ts";
import type { OutsideWorld } from "./outside-world/outside-world.ts";
import type { Puppet } from "./puppet.ts";

/** What the steps share. */
export type Story = {
  readonly platform: Platform;
  readonly world: OutsideWorld;
  readonly newsletter: Puppet;
  readonly tell: Narrator;
  /** When it began: older decisions of the same home belong to another telling. */
  readonly since: string;
};

/** A story in which the user exists and everything that follows from it has one trace. */
export type StoryOfUser = Story & { readonly user: User; readonly traceId: string };

const timeoutMs = 20_000;

/** Waits until a decision like this is in the log, by the exact members that are named. */
export function untilDecision(story: Story, query: DecisionQuery, like: Partial<DecisionRow>): Promise<DecisionRow> {
  const what = `no decision ${JSON.stringify({ ...query, ...like })} came into the log`;
  return until(what, async () => (await decisions(story, query)).find((row) => fits(row, like)), {
    timeoutMs,
    everyMs: 100,
  });
}

/** Waits until what a decision permitted was done. A delivery may be tried more than once, each time as a decision. */
export function untilDone(story: Story, query: DecisionQuery, like: Partial<DecisionRow>): Promise<DecisionRow> {
  const what = `nothing like ${JSON.stringify({ ...query, ...like })} was done`;
  const isDone = (row: DecisionRow) => fits(row, like) && row.outcome?.outcome === "done";
  return until(what, async () => (await decisions(story, query)).find(isDone), { timeoutMs, everyMs: 100 });
}

/** Decisions since the story began, oldest first. */
export async function decisions({ platform, since }: Story, query: DecisionQuery = {}): Promise<DecisionRow[]> {
  const page = await platform.api.decisions({ since, limit: 1000, ...query });
  return page.decisions.toReversed();
}

function fits(row: DecisionRow, like: Partial<DecisionRow>): boolean {
  return Object.entries(like).every(([key, value]) => row[key as keyof DecisionRow] === value);
}

export function rulesOf(row: DecisionRow): string[] {
  return row.reasons.map(({ rule }) => rule);
}
