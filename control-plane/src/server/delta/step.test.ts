import { beforeEach, describe, expect, it } from "vitest";
import { nonceOf, StreamUnderTest, sentOf, type TargetVersions } from "./delta.fixtures.ts";

const first: TargetVersions = { cluster: { gateway: "c1" }, listener: { mesh: "l1" }, routes: { lanes: "r1" } };

describe("a delta stream", () => {
  let stream: StreamUnderTest;
  beforeEach(() => {
    stream = new StreamUnderTest(first);
  });

  const ack = (type: "cluster" | "listener" | "routes" | "endpoints", outputs: Parameters<typeof nonceOf>[0]) =>
    stream.request(type, { nonce: nonceOf(outputs) });

  /** Brings a stream to the point where the client has everything of `first`. */
  function settle(): void {
    const clusters = stream.request("cluster");
    stream.request("listener");
    stream.request("routes", { subscribe: ["lanes"] });
    ack("routes", ack("listener", ack("cluster", clusters)));
  }

  describe("order", () => {
    it("sends clusters, then listeners, then routes, each after the ACK of the one before", () => {
      const clusters = stream.request("cluster");
      expect(sentOf(clusters)).toEqual(["cluster +gateway@c1"]);
      expect(sentOf(stream.request("routes", { subscribe: ["lanes"] }))).toEqual([]);
      expect(sentOf(stream.request("listener"))).toEqual([]);
      const listeners = ack("cluster", clusters);
      expect(sentOf(listeners)).toEqual(["listener +mesh@l1"]);
      const routes = ack("listener", listeners);
      expect(sentOf(routes)).toEqual(["routes +lanes@r1"]);
      expect(sentOf(ack("routes", routes))).toEqual([]);
    });

    it("removes last, and what is referred to after what refers to it", () => {
      settle();
      const added = stream.retarget({ cluster: { other: "c2" }, listener: {}, routes: { lanes: "r2" } });
      expect(sentOf(added)).toEqual(["cluster +other@c2"]);
      const routes = ack("cluster", added);
      expect(sentOf(routes)).toEqual(["routes +lanes@r2"]);
      const listeners = ack("routes", routes);
      expect(sentOf(listeners)).toEqual(["listener -mesh"]);
      expect(sentOf(ack("listener", listeners))).toEqual(["cluster -gateway"]);
    });

    it("waits for nobody who never asked", () => {
      expect(sentOf(stream.request("routes", { subscribe: ["lanes"] }))).toEqual(["routes +lanes@r1"]);
    });
  });

  describe("acknowledgement", () => {
    it("sends nothing when nothing changed", () => {
      settle();
      expect(sentOf(stream.retarget(first))).toEqual([]);
    });

    it("sends only what changed", () => {
      settle();
      expect(sentOf(stream.retarget({ ...first, routes: { lanes: "r2" } }))).toEqual(["routes +lanes@r2"]);
    });

    it("knows a version once it is acknowledged and not when it is sent", () => {
      const sent = stream.request("cluster");
      expect(sentOf(stream.retarget({ cluster: { gateway: "c2" } }))).toEqual([]);
      expect(sentOf(ack("cluster", sent))).toEqual(["cluster +gateway@c2"]);
    });

    it("never sends a refused version again", () => {
      const nonce = nonceOf(stream.request("cluster"));
      const refused = stream.request("cluster", { nonce, error: "no such thing" });
      expect(refused).toMatchObject([{ kind: "nack", names: ["gateway"], error: "no such thing" }]);
      expect(stream.retarget(first)).toEqual([]);
      expect(sentOf(stream.request("cluster", { subscribe: ["gateway"] }))).toEqual([]);
      expect(sentOf(stream.retarget({ cluster: { gateway: "c2" } }))).toEqual(["cluster +gateway@c2"]);
    });

    it("stops the revision for a client that refused part of it", () => {
      settle();
      const sent = stream.retarget({ ...first, cluster: { gateway: "bad" }, routes: { lanes: "r2" } });
      expect(sentOf(stream.request("cluster", { nonce: nonceOf(sent), error: "bad" }))).toEqual([]);
      expect(sentOf(stream.retarget({ ...first, routes: { lanes: "r2" } }))).toEqual(["routes +lanes@r2"]);
    });

    it("does not take another response's nonce for an ACK, and still changes the subscription", () => {
      const pending = stream.request("cluster");
      const stale = stream.request("cluster", { nonce: "77", subscribe: ["absent"] });
      expect(stale).toEqual([expect.objectContaining({ kind: "stale" })]);
      expect(sentOf(ack("cluster", pending))).toEqual(["cluster -absent"]);
    });

    it("takes a NACK with an old nonce for nothing", () => {
      settle();
      stream.request("cluster", { nonce: "1", error: "late" });
      expect(sentOf(stream.retarget({ ...first, cluster: { gateway: "c2" } }))).toEqual(["cluster +gateway@c2"]);
    });
  });

  describe("subscription", () => {
    it("answers the first request even when there is nothing to say", () => {
      stream = new StreamUnderTest({});
      expect(sentOf(stream.request("listener"))).toEqual(["listener"]);
    });

    it("says that a named resource does not exist", () => {
      expect(sentOf(stream.request("endpoints", { subscribe: ["nobody"] }))).toEqual(["endpoints -nobody"]);
    });

    it("sends a resource that appears after it was said not to exist", () => {
      ack("routes", stream.request("routes", { subscribe: ["later"] }));
      expect(sentOf(stream.retarget({ routes: { later: "r1" } }))).toEqual(["routes +later@r1"]);
    });

    it("sends a known resource again to a client that names it again", () => {
      settle();
      expect(sentOf(stream.request("routes", { subscribe: ["lanes"] }))).toEqual(["routes +lanes@r1"]);
    });

    it("takes no names for routes as no subscription", () => {
      expect(sentOf(stream.request("routes"))).toEqual(["routes"]);
    });

    it("sends nothing about a name that was dropped", () => {
      settle();
      stream.request("routes", { unsubscribe: ["lanes"] });
      expect(sentOf(stream.retarget({ ...first, routes: { lanes: "r2" } }))).toEqual([]);
    });

    it("keeps the legacy wildcard when a name is added", () => {
      stream = new StreamUnderTest({ cluster: { a: "1", b: "1" } });
      ack("cluster", stream.request("cluster"));
      ack("cluster", stream.request("cluster", { subscribe: ["a"] }));
      expect(sentOf(stream.retarget({ cluster: { a: "1", b: "2" } }))).toEqual(["cluster +b@2"]);
    });

    it("ends a wildcard only when * is dropped, and keeps the names", () => {
      stream = new StreamUnderTest({ cluster: { a: "1", b: "1" } });
      ack("cluster", stream.request("cluster", { subscribe: ["*", "a"] }));
      stream.request("cluster", { unsubscribe: ["*"] });
      expect(sentOf(stream.retarget({ cluster: { a: "2", b: "2" } }))).toEqual(["cluster +a@2"]);
    });

    it("answers a name that was dropped under a wildcard", () => {
      stream = new StreamUnderTest({ cluster: { a: "1", b: "1" } });
      ack("cluster", stream.request("cluster", { subscribe: ["*", "a"] }));
      expect(sentOf(stream.request("cluster", { unsubscribe: ["a"] }))).toEqual(["cluster +a@1"]);
    });

    it("does not take dropping the last name for a wildcard", () => {
      ack("cluster", stream.request("cluster", { subscribe: ["absent"] }));
      stream.request("cluster", { unsubscribe: ["absent"] });
      expect(sentOf(stream.retarget({ cluster: { gateway: "c2" } }))).toEqual([]);
    });
  });

  describe("reconnection", () => {
    it("sends what differs from what the client still has", () => {
      const initialVersions = new Map([
        ["gateway", "c1"],
        ["old", "c0"],
      ] as const);
      const answer = stream.request("cluster", { initialVersions });
      expect(sentOf(answer)).toEqual(["cluster"]);
      expect(sentOf(ack("cluster", answer))).toEqual(["cluster -old"]);
    });

    it("answers a named resource even when the client has it, since it may be waiting for it", () => {
      const initialVersions = new Map([["lanes", "r1"]]);
      expect(sentOf(stream.request("routes", { subscribe: ["lanes"], initialVersions }))).toEqual(["routes +lanes@r1"]);
    });
  });
});
