import type { NodeEntry } from "@vivified/contracts";
import { createLogger } from "@vivified/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { NodeRegistry, type NodeStore } from "./node-registry.ts";

const logger = createLogger({ process: "test", level: "silent" });

function anEntry(plugin_id: string, port = 1): NodeEntry {
  const spiffe_id = `spiffe://vivified.local/plugin/${plugin_id}`;
  return { plugin_id, instance: "a", spiffe_id, host: "127.0.0.1", port, ready_at: new Date(0).toISOString() };
}

describe("NodeRegistry", () => {
  const entries = new Map<string, NodeEntry>();
  const written: string[] = [];
  let failures = 0;
  beforeEach(() => {
    entries.clear();
    written.length = 0;
    failures = 0;
  });

  /** A bucket that fails as often as it is told to. */
  const store: NodeStore = {
    put: async (entry) => {
      if (failures-- > 0) throw new Error("no servers");
      written.push(entry.plugin_id);
      entries.set(`${entry.plugin_id}.${entry.instance}`, entry);
    },
    keys: async () => [...entries.keys()],
    remove: async (key) => void entries.delete(key),
  };

  it("writes a node that is announced", async () => {
    await using registry = new NodeRegistry(store, logger);
    registry.announce(anEntry("newsletter"));
    await expect.poll(() => [...entries.keys()]).toEqual(["newsletter.a"]);
  });

  it("removes the nodes of plugins that are not active, and no others", async () => {
    await using registry = new NodeRegistry(store, logger);
    for (const id of ["newsletter", "news", "mail"]) registry.announce(anEntry(id));
    await expect.poll(() => entries.size).toBe(3);
    registry.keep((id) => id !== "news");
    await expect.poll(() => [...entries.keys()]).toEqual(["newsletter.a", "mail.a"]);
  });

  it("does not write a node whose plugin was disabled in between", async () => {
    await using registry = new NodeRegistry(store, logger);
    registry.keep((id) => id === "mail");
    for (const id of ["newsletter", "mail"]) registry.announce(anEntry(id));
    await expect.poll(() => [...entries.keys()]).toEqual(["mail.a"]);
    expect(written).toEqual(["mail"]);
  });

  it("tries again what failed, with what is true by then", async () => {
    failures = 1;
    await using registry = new NodeRegistry(store, logger);
    registry.announce(anEntry("newsletter", 1));
    registry.announce(anEntry("newsletter", 2));
    await expect.poll(() => entries.get("newsletter.a")?.port, { timeout: 3_000 }).toBe(2);
  });
});
