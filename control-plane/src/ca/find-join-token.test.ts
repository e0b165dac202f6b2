import { generateKeyPairSync } from "node:crypto";
import {
  type JoinTokenEntry,
  joinTokenKey,
  mintJoinToken,
  parseJoinToken,
  pluginSpiffeId,
  type SpiffeId,
} from "@vivified/contracts";
import { beforeEach, describe, expect, it } from "vitest";
import { findJoinToken } from "./find-join-token.ts";
import type { JoinTokenStore } from "./join-token-store.ts";

const rootHash = "r".repeat(43);
const platform = generateKeyPairSync("ed25519");
const signingKey = platform.privateKey;
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
      platformKey: platform.publicKey,
      clock: { now: () => new Date(nowMs), monotonicMs: () => nowMs },
    });

  /** Whom it was for, or what is wrong with it. */
  async function redeem(token: string): Promise<string> {
    const found = await find(token);
    if ("fault" in found) return found.fault;
    return (await found.spend()) ? found.spiffeId : "reused";
  }

  type Minting = Partial<Parameters<typeof mintJoinToken>[0]> & { readonly entry?: Partial<JoinTokenEntry> };
  function mint(options: Minting = {}): string {
    const random = crypto.getRandomValues(new Uint8Array(32));
    const made = mintJoinToken({ ...{ spiffeId: plugin, rootHash, random, nowMs: minted, signingKey }, ...options });
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
    const random = new Uint8Array(32);
    const unknown = mintJoinToken({ spiffeId: plugin, rootHash, random, nowMs: minted, signingKey }).token;
    expect(await redeem(mint({ nowMs: minted - 10 * 60_000 }))).toBe("expired");
    expect(await redeem(mint({ entry: { used: true } }))).toBe("reused");
    expect(await redeem(mint({ rootHash: "x".repeat(43) }))).toBe("another_root");
    expect(await redeem(unknown)).toBe("unknown");
    for (const token of ["", "vjt1.x.y"]) expect(await redeem(token)).toBe("malformed");
    expect(await redeem(mint({ entry: { uses: 9 } as Partial<JoinTokenEntry> }))).toBe("broken_entry");
  });

  it("refuses what lies in the bucket and is not by the platform, or not for this token", async () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    expect(await find(mint({ signingKey: other }))).toEqual({ fault: "unsigned", spiffeId: plugin });
    const later = new Date(minted + 86_400_000).toISOString();
    for (const entry of [{ expires_at: later }, { spiffe_id: "spiffe://vivified.local/core" }]) {
      expect(await redeem(mint({ entry }))).toBe("unsigned");
    }
    const [one, another] = [mint(), mint()];
    const keyOf = (token: string) => joinTokenKey(parseJoinToken(token)?.secret ?? "");
    store.put(keyOf(another), (await store.find(keyOf(one)))?.value ?? "");
    expect([await redeem(one), await redeem(another)]).toEqual([plugin, "unsigned"]);
    expect(await redeem(mint({ entry: { signature: "not base64url" } }))).toBe("broken_entry");
  });

  it("refuses a token for an identity that this platform does not give out", async () => {
    for (const id of ["spiffe://other.example/plugin/a", "spiffe://vivified.local/root", "spiffe://vivified.local"]) {
      expect(await redeem(mint({ spiffeId: id as SpiffeId }))).toBe("not_admissible");
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
