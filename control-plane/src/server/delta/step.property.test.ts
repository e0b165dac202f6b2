import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TypeUrl, typeUrls } from "../../resources/envoy-object.ts";
import { nonceOf, type Response, StreamUnderTest, type TargetVersions, type Versions } from "./delta.fixtures.ts";

/** Routes name the cluster they lead to, so that the client can tell a route that leads nowhere. */
const clusterNames = ["a", "b", "c"] as const;
type Short = keyof typeof typeUrls;

const clusters = fc
  .dictionary(fc.constantFrom(...clusterNames), fc.constantFrom("1", "2"), { minKeys: 1, noNullPrototype: true })
  .map((named): Versions => named);
const target = clusters.chain((cluster) =>
  fc
    .dictionary(fc.constantFrom("lanes", "more"), fc.constantFrom(...Object.keys(cluster)), { noNullPrototype: true })
    .map((routes): TargetVersions => ({ cluster, routes, listener: { mesh: cluster.a ?? "none" } })),
);
const event = fc.oneof(
  { weight: 2, arbitrary: target.map((versions) => ({ do: "retarget", versions }) as const) },
  { weight: 6, arbitrary: fc.constant({ do: "ack" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "nack" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "stale" } as const) },
  { weight: 1, arbitrary: fc.constantFrom("lanes", "more").map((name) => ({ do: "again", name }) as const) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** An Envoy as the protocol sees it: takes or refuses responses in the order they come. */
class Client {
  readonly has = new Map<TypeUrl, Map<string, string>>();
  readonly refused = new Map<string, string>();
  readonly inbox: Response[] = [];
  readonly stream: StreamUnderTest;

  constructor(first: TargetVersions) {
    this.stream = new StreamUnderTest(first);
    this.receive(this.stream.request("cluster"));
    this.receive(this.stream.request("listener"));
    this.receive(this.stream.request("routes", { subscribe: ["lanes", "more"] }));
  }

  receive(outputs: ReturnType<StreamUnderTest["request"]>): void {
    for (const output of outputs) if (output.kind === "response") this.take(output);
  }

  take(response: Response): void {
    const names = [...response.resources.map(({ name }) => name), ...response.removed];
    expect(new Set(names).size).toBe(names.length);
    for (const { name, version } of response.resources) {
      expect(this.refused.get(`${response.type} ${name}`)).not.toBe(version);
    }
    this.inbox.push(response);
    expect(this.inbox.length).toBe(1); // one response at a time, whatever its type
  }

  answer(error?: string): void {
    const response = this.inbox.shift();
    if (response === undefined) return;
    if (error === undefined) this.apply(response);
    else this.refuse(response);
    const request = { nonce: nonceOf([response]), ...(error === undefined ? {} : { error }) };
    this.receive(this.stream.request(shortOf(response.type), request));
  }

  apply({ type, resources, removed }: Response): void {
    const mine = this.has.get(type) ?? new Map<string, string>();
    for (const { name, version } of resources) {
      mine.set(name, version);
      this.refused.delete(`${type} ${name}`);
    }
    for (const name of removed) mine.delete(name);
    this.has.set(type, mine);
    this.expectNoDeadEnds();
  }

  /** A version that was replaced in between may come again: only the last refusal of a resource counts. */
  refuse({ type, resources }: Response): void {
    for (const { name, version } of resources) this.refused.set(`${type} ${name}`, version);
  }

  expectNoDeadEnds(): void {
    const known = this.has.get(typeUrls.cluster) ?? new Map();
    for (const cluster of this.has.get(typeUrls.routes)?.values() ?? []) expect([...known.keys()]).toContain(cluster);
  }

  happen(next: Event): void {
    if (next.do === "retarget") this.receive(this.stream.retarget(next.versions));
    else if (next.do === "ack") this.answer();
    else if (next.do === "nack") this.answer("refused");
    else if (next.do === "stale") this.receive(this.stream.request("cluster", { nonce: "0" }));
    else this.receive(this.stream.request("routes", { subscribe: [next.name] }));
  }

  settle(): void {
    for (let left = 50; this.inbox.length > 0 && left > 0; left -= 1) this.answer();
  }
}

function shortOf(type: TypeUrl): Short {
  const found = (Object.keys(typeUrls) as Short[]).find((short) => typeUrls[short] === type);
  if (found === undefined) throw new Error(`unknown type ${type}`);
  return found;
}

describe("a delta stream, whatever happens", () => {
  it("sends one response at a time, never a refused version, and never a route without its cluster", () => {
    fc.assert(
      fc.property(target, fc.array(event, { maxLength: 40 }), (first, events) => {
        const client = new Client(first);
        for (const each of events) client.happen(each);
        client.settle();
      }),
      { numRuns: 500 },
    );
  });

  it("brings a client that refuses nothing to exactly the last target", () => {
    const harmless = event.filter((each) => each.do !== "nack");
    fc.assert(
      fc.property(target, fc.array(harmless, { maxLength: 40 }), target, (first, events, last) => {
        const client = new Client(first);
        for (const each of events) client.happen(each);
        client.happen({ do: "retarget", versions: last });
        client.settle();
        for (const type of ["cluster", "listener", "routes"] as const) {
          expect(Object.fromEntries(client.has.get(typeUrls[type]) ?? [])).toEqual({ ...last[type] });
        }
      }),
      { numRuns: 500 },
    );
  });

  it("brings a client that refused something to a target that is new all over", () => {
    const cluster = { a: "9", b: "9", c: "9", z: "9" };
    const fresh: TargetVersions = { cluster, listener: { mesh: "9" }, routes: { lanes: "z", more: "z" } };
    fc.assert(
      fc.property(target, fc.array(event, { maxLength: 40 }), (first, events) => {
        const client = new Client(first);
        for (const each of events) client.happen(each);
        client.settle();
        client.happen({ do: "retarget", versions: fresh });
        client.settle();
        expect(Object.fromEntries(client.has.get(typeUrls.routes) ?? [])).toEqual(fresh.routes);
        expect(Object.fromEntries(client.has.get(typeUrls.cluster) ?? [])).toEqual(fresh.cluster);
      }),
      { numRuns: 500 },
    );
  });
});
