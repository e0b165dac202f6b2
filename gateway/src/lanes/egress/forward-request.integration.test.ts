import type { Decision, EgressGrant } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enforce } from "../../pep/enforce.ts";
import { deriveFieldKeys } from "../../pep/field-keys.ts";
import { compileSnapshot } from "../../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { type ForwardRequestDeps, forwardRequest } from "./forward-request.ts";
import { PinnedPools } from "./http/pinned-pools.ts";
import { openMailServer } from "./outside.fixtures.ts";

const stack = new AsyncDisposableStack();
const pools = stack.use(new PinnedPools());
let server: Awaited<ReturnType<typeof openMailServer>>;

beforeAll(async () => {
  server = await openMailServer({ disabledCommands: ["AUTH", "STARTTLS"] }, stack);
});
afterAll(() => stack.disposeAsync());

const decision: Decision = {
  id: "d",
  entrypoint: "egress/connect",
  revision: "r",
  effect: "allow",
  reasons: [],
  obligations: [],
};
const mail = { from: "noreply@example.org", to: ["ada@example.org"], subject: "Hi", text: "Hello" };

async function permit() {
  const { plugins } = compileSnapshot(snapshotDocument({ plugins: [snapshotPlugin("caller")] }), 1);
  const subject = plugins.get("caller");
  if (subject === undefined) throw new Error("fixture");
  const resource = { scheme: "smtp", host: "mail.example", port: server.port, path: "/", method: "SEND" };
  const permitted = await enforce(
    { entrypoint: "egress/connect", traceId: "t", subject, resource, payload: mail },
    {
      decide: async () => ({ decision, input: {}, snapshot: 1 }),
      record: async () => undefined,
      fieldKeys: deriveFieldKeys("k"),
    },
  );
  if (permitted.outcome === "denied") throw new Error("denied");
  return permitted;
}

async function send(insecureAddressRanges: boolean, insecure_plaintext_smtp: boolean) {
  const deps: ForwardRequestDeps = {
    pools,
    userAgent: "test",
    egressTimeoutMs: 5_000,
    maxReplyBytes: 1_000,
    insecureAddressRanges,
  };
  const grant: EgressGrant = {
    id: "g-1",
    plugin: "caller",
    kind: "egress",
    host: "mail.example",
    ports: [server.port],
    schemes: ["smtp"],
    methods: ["SEND"],
    insecure_plaintext_smtp,
  };
  const form = { kind: "json", mediaType: "application/json" } as const;
  return forwardRequest(await permit(), { address: "127.0.0.2", grant, form }, deps);
}

describe("mail to a server without STARTTLS", () => {
  it("is sent in dev mode under a grant that says so", async () => {
    expect((await send(true, true)).status).toBe(250);
    expect(server.caught).toMatchObject([{ secure: false }]);
  });

  it.each([
    ["outside dev mode, whatever the grant says", false, true],
    ["in dev mode under a grant that says nothing", true, false],
  ])("is not sent %s", async (_, devMode, plaintext) => {
    const before = server.caught.length;
    await expect(send(devMode, plaintext)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(server.caught.length).toBe(before);
  });
});
