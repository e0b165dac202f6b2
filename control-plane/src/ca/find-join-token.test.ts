import { type JoinTokenEntry, mintJoinToken, pluginSpiffeId, type SpiffeId } from "@vivified/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { findJoinToken } from "./find-join-token.ts";
import type { JoinTokenStore } from "./join-token-store.ts";

const rootHash = "r".repeat(43);
const plugin = pluginSpiffeId("vivified.local", "newsletter");
const minted = Date.parse("2026-11-21T12:00:00.000Z");

describe("findJoinToken", () => {
  let store: JoinTokenStore & { put: (key: string, value: string) => void };
  let nowMs = minted;
  beforeEach(() => {
    store = rememberedTokens();
    nowMs = minted;
  });

  const find = (token: string) =>
    findJoinToken(token, {
      authority: { rootHash, trustDomain: "vivified.local" },
      store,
      clock: { now: () => new Date(nowMs), monotonicMs: () => nowMs },
    });

  /** Whom it was for, or what is wrong with it. */
  async function redeem(token: string): Promise<string> {
    const found = await find(token);
    if ("fault" in found) return found.fault;
    return (await found.spend()) ? found.spiffeId : "reused";
  }

  function mint(options: { spiffeId?: SpiffeId; rootHash?: string; entry?: Partial<JoinTokenEntry> } = {}): string {
    const random = crypto.getRandomValues(new Uint8Array(32));
    const made = mintJoinToken({ spiffeId: plugin, rootHash, random, nowMs: minted, ...options });
    store.put(made.key, JSON.stringify({ ...made.entry, ...options.entry }));
    return made.token;
  }

  it("says whom a token is for, and spends it only when it is told to", async () => {
    const token = mint();
    expect(await find(token)).toMatchObject({ spiffeId: plugin });
    expect(await redeem(token)).toBe(plugin);
    expect(await find(token)).toEqual({ fault: "reused", spiffeId: plugin });
  });

  it("gives one of several that race for a token, and only one", async () => {
    const token = mint();
    const found = await Promise.all([find(token), find(token), find(token)]);
    const spent = await Promise.all(found.map((one) => ("fault" in one ? "not found" : one.spend())));
    expect(spent.sort()).toEqual([false, false, true]);
  });

  it("tells apart what is wrong with a token", async () => {
    const unknown = mintJoinToken({ spiffeId: plugin, rootHash, random: new Uint8Array(32), nowMs: minted }).token;
    expect(await redeem(mint({ entry: { expires_at: new Date(minted).toISOString() } }))).toBe("expired");
    expect(await redeem(mint({ entry: { used: true } }))).toBe("reused");
    expect(await redeem(mint({ rootHash: "x".repeat(43) }))).toBe("another_root");
    expect(await redeem(unknown)).toBe("unknown");
    for (const token of ["", "vjt1.x.y"]) expect(await redeem(token)).toBe("malformed");
    expect(await redeem(mint({ entry: { uses: 9 } as Partial<JoinTokenEntry> }))).toBe("broken_entry");
  });

  it("refuses a token for an identity that this platform does not give out", async () => {
    for (const id of ["spiffe://other.example/plugin/a", "spiffe://vivified.local/root", "spiffe://vivified.local"]) {
      expect(await redeem(mint({ entry: { spiffe_id: id } }))).toBe("not_admissible");
    }
  });

  it("refuses a token that expired while it was good a moment ago", async () => {
    const token = mint();
    nowMs = minted + 10 * 60 * 1000;
    expect(await redeem(token)).toBe("expired");
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
