import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecisionRecord, SnapshotPolicy } from "@vivified/contracts";
import { buildBundle } from "@vivified/pdp";
import { opa, ourPolicies } from "@vivified/pdp/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { laneDocument, type RunningLanes, runLanes, until } from "../lanes/running-lanes.fixtures.ts";
import { snapshotOperation, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";

const less = `package custom.audit.mask

obligations["*"] contains {"rule": "custom.topic_is_ours", "path": "/attributes/topic", "action": "remove"}

obligations["*"] contains {"rule": "custom.pages_are_few", "path": "/attributes/pages", "action": "hash"} if {
	input.lane == "rpc"
}
`;

const exposed = (name: string, type: string, traits: readonly string[] = []) => ({
  [name]: { type, "x-vivified-attribute": name, ...(traits.length > 0 && { "x-vivified-traits": traits }) },
});
const properties = {
  ...exposed("topic", "string"),
  ...exposed("pages", "integer"),
  ...exposed("colour", "string"),
  ...exposed("diagnosis", "string", ["phi"]),
  ...exposed("nickname", "string", ["pii"]),
};
const schema = { type: "object", properties };

const stack = new AsyncDisposableStack();
let lanes: RunningLanes;
let policy: SnapshotPolicy;

const document = (parts = {}) =>
  laneDocument({
    plugins: [
      snapshotPlugin("caller", { traits: ["handles_pii", "handles_phi", "external_service"] }),
      snapshotPlugin("printer", {
        traits: ["handles_pii", "handles_phi"],
        operations: [snapshotOperation("print", { input: schema, output: schema })],
      }),
    ],
    grants: [
      { id: "g-print", plugin: "caller", kind: "rpc", target: "printer", operation: "print" },
      { id: "g-event", plugin: "caller", kind: "publish", event_type: "Printed" },
      {
        ...{ id: "g-web", plugin: "caller", kind: "egress", host: "nowhere.example" },
        ...{ schemes: ["http"], ports: [80], methods: ["GET"] },
      },
    ],
    event_types: [{ type: "Printed", schema }],
    ...parts,
  });

beforeAll(async () => {
  lanes = stack.use(await runLanes(document()));
  await lanes.startTarget("printer");
  policy = await customersPolicy(lanes);
  await lanes.publish(document({ policy }));
  await until(async () => (await print({ topic: "warm up" }))?.revision === policy.revision);
}, 180_000);
afterAll(() => stack.disposeAsync());

async function customersPolicy({ policies }: RunningLanes): Promise<SnapshotPolicy> {
  const customer = await mkdtemp(join(tmpdir(), "vivified-mask-"));
  stack.defer(() => rm(customer, { recursive: true, force: true }));
  await mkdir(join(customer, "custom/audit/mask"), { recursive: true });
  await writeFile(join(customer, "custom/audit/mask/mask.rego"), less);
  const source = { floor: ourPolicies, customer };
  const { archive, bundle } = await buildBundle({ opa, source, signer: policies.signer.signer });
  return { ...(await policies.put(archive, bundle.revision)), activation: 9 };
}

async function print(payload: object): Promise<DecisionRecord | undefined> {
  const { traceId } = await lanes.post("caller", "/gateway/printer/print", payload);
  return (await lanes.decisions(traceId)).find(({ entrypoint }) => entrypoint === "rpc/invoke");
}

describe("the log of a platform whose policy keeps less", () => {
  it("is masked before the block is written, lane by lane as the rules say", async () => {
    const record = await print({ topic: "canary-topic", pages: 11, colour: "blue" });
    expect(record?.input?.attributes).toEqual({ colour: "blue", pages: expect.stringMatching(/^sha256:/) });
    expect([record?.erased, record?.masked]).toEqual([["/input/attributes/topic"], ["/input/attributes/pages"]]);
    const event = { event_type: "Printed", source_plugin: "caller", payload: { topic: "canary-topic", pages: 11 } };
    const { traceId } = await lanes.post("caller", "/events/publish", event);
    const [published] = await lanes.decisions(traceId);
    expect(published?.input?.attributes).toEqual({ pages: 11 });
  });

  it("shows less of a path outside that names somebody, by the floor's rules", async () => {
    const url = "http://nowhere.example/patients/canary.person%40example.org";
    const { traceId } = await lanes.post("caller", "/proxy", { method: "GET", url });
    const records = await lanes.decisions(traceId);
    const asked = records.find(({ entrypoint }) => entrypoint === "egress/connect");
    expect(asked).toMatchObject({ resource: "http://nowhere.example:80", masked: ["/input/resource/path"] });
    expect(JSON.stringify(records)).not.toContain("canary.person");
  });

  it("holds no labelled value of any lane on disk, nor what the customer took out", async () => {
    const canaries = { topic: "canary-topic", diagnosis: "canary-diagnosis", nickname: "canary-nickname" };
    expect((await print(canaries))?.input?.attributes).toEqual({});
    await lanes.post("caller", "/events/publish", {
      ...{ event_type: "Printed", source_plugin: "caller", payload: canaries },
    });
    const url = "http://nowhere.example/of/canary.person@example.org?q=canary-query";
    await lanes.post("caller", "/proxy", { method: "GET", url });
    const stored = await filesBelow(lanes.nats.directory);
    const audit = stored.filter(([file]) => file.includes("AUDIT_EVENTS"));
    expect(audit.some(([, bytes]) => bytes.includes("people") || bytes.includes("printer.print"))).toBe(true);
    // What was published is kept as it is, in the stream of events and nowhere else.
    const found = stored.filter(([, bytes]) => bytes.includes("canary"));
    expect(found.filter(([file]) => !file.includes("CANONICAL_EVENTS"))).toEqual([]);
  });
});

async function filesBelow(directory: string): Promise<readonly (readonly [file: string, bytes: Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
}
