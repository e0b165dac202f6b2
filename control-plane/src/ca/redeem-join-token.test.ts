import { type JoinTokenEntry, mintJoinToken, pluginSpiffeId, type SpiffeId } from "@vivified/contracts";
import { createLogger } from "@vivified/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import type { JoinTokenStore } from "./join-token-store.ts";
import { redeemJoinToken } from "./redeem-join-token.ts";

const rootHash = "r".repeat(43);
const plugin = pluginSpiffeId("vivified.local", "newsletter");
const minted = Date.parse("2026-11-21T12:00:00.000Z");

describe("redeemJoinToken", () => {
  let store: JoinTokenStore & { put: (key: string, value: string) => void };
  let nowMs = minted;
  beforeEach(() => {
    store = rememberedTokens();
    nowMs = minted;
  });

  const redeem = (token: string) =>
    redeemJoinToken(token, {
      authority: { rootHash, trustDomain: "vivified.local" },
      store,
      clock: { now: () => new Date(nowMs), monotonicMs: () => nowMs },
      logger: createLogger({ process: "test", level: "silent" }),
    });

  function mint(options: { spiffeId?: SpiffeId; rootHash?: string; entry?: Partial<JoinTokenEntry> } = {}): string {
    const random = crypto.getRandomValues(new Uint8Array(32));
    const made = mintJoinToken({ spiffeId: plugin, rootHash, random, nowMs: minted, ...options });
    store.put(made.key, JSON.stringify({ ...made.entry, ...options.entry }));
    return made.token;
  }

  const refusal = (token: string) =>
    redeem(token).then(
      () => expect.unreachable("the token was accepted"),
      (error: Error) => ({ ...error, message: error.message }),
    );

  it("says whom a token is for", async () => {
    expect(await redeem(mint())).toBe(plugin);
  });

  it("takes a token once", async () => {
    const token = mint();
    await redeem(token);
    await expect(redeem(token)).rejects.toMatchObject({ code: "invalid_join_token" });
  });

  it("gives one of two that race for a token, and only one", async () => {
    const token = mint();
    const outcomes = await Promise.allSettled([redeem(token), redeem(token), redeem(token)]);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
  });

  it("refuses expired, reused, unknown, malformed and foreign tokens in the same words", async () => {
    const expired = mint({ entry: { expires_at: new Date(minted).toISOString() } });
    const reused = mint({ entry: { used: true } });
    const foreign = mint({ rootHash: "x".repeat(43) });
    const unknown = mintJoinToken({ spiffeId: plugin, rootHash, random: new Uint8Array(32), nowMs: minted }).token;
    const refusals = await Promise.all([expired, reused, foreign, unknown, "", "vjt1.x.y"].map(refusal));
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(refusals[0]).toMatchObject({ code: "invalid_join_token", detail: undefined });
  });

  it("refuses a token for an identity that this platform does not give out", async () => {
    for (const id of ["spiffe://other.example/plugin/a", "spiffe://vivified.local/root", "spiffe://vivified.local"]) {
      expect(await refusal(mint({ entry: { spiffe_id: id } }))).toMatchObject({ code: "invalid_join_token" });
    }
  });

  it("refuses an entry with fields it does not know", async () => {
    const token = mint({ entry: { uses: 9 } as Partial<JoinTokenEntry> });
    expect(await refusal(token)).toMatchObject({ code: "invalid_join_token" });
  });

  it("refuses a token that expired while it was good a moment ago", async () => {
    const token = mint();
    nowMs = minted + 10 * 60 * 1000;
    expect(await refusal(token)).toMatchObject({ code: "invalid_join_token" });
  });
});

/** What a bucket does, in memory: every write makes a revision, and a replacement must name the one it read. */
function rememberedTokens(): JoinTokenStore & { put: (key: string, value: string) => void } {
  const entries = new Map<string, { value: string; revision: number }>();
  let revision = 0;
  const put = (key: string, value: string) => void entries.set(key, { value, revision: ++revision });
  return {
    put,
    find: async (key) => {
      const entry = entries.get(key);
      return entry && { key, ...entry };
    },
    replace: async (stored, value) => {
      const same = entries.get(stored.key)?.revision === stored.revision;
      if (same) put(stored.key, value);
      return same;
    },
  };
}
