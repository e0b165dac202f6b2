import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cacheEntry, cacheRoot, fillEntry } from "./cache.mjs";

describe("the tool cache", () => {
  let folder;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vivified-cache-"));
    vi.stubEnv("VIVIFIED_CACHE", folder);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it("lies where the user says, else where the desktop says, else at home", () => {
    expect(cacheRoot({ VIVIFIED_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheRoot({ VIVIFIED_CACHE: "a" })).toBe(join(process.cwd(), "a")); // its users work elsewhere
    expect(cacheRoot({ XDG_CACHE_HOME: "/b" })).toBe("/b/vivified");
    expect(cacheRoot({})).toMatch(/\.cache\/vivified$/);
  });

  it("gives another pin another folder, and does not take moved text for the same", () => {
    expect(cacheEntry("opa", "1.0.0", ["ab", "c"])).toBe(cacheEntry("opa", "1.0.0", ["ab", "c"]));
    expect(cacheEntry("opa", "1.0.0", ["ab", "c"])).not.toBe(cacheEntry("opa", "1.0.0", ["a", "bc"]));
  });

  it("builds once when two ask at the same time", async () => {
    const entry = cacheEntry("tool", "1.0.0", []);
    const build = vi.fn(async (staging) => writeFileSync(join(staging, "tool"), "built"));
    await Promise.all([fillEntry(entry, build), fillEntry(entry, build)]);
    expect(build).toHaveBeenCalledTimes(1);
    expect(readFileSync(join(entry, "tool"), "utf8")).toBe("built");
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("leaves nothing behind when a build fails, and lets the next one try", async () => {
    const entry = cacheEntry("tool", "1.0.0", []);
    const failing = fillEntry(entry, () => Promise.reject(new Error("no compiler")));
    await expect(failing).rejects.toThrow("no compiler");
    expect(readdirSync(folder)).toEqual([]);
    await fillEntry(entry, async () => undefined);
    expect(existsSync(entry)).toBe(true);
  });
});
