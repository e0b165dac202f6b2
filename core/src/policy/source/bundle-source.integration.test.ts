import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { resealBundle, shippedBundle, testSigner } from "@vivified/pdp/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../../core.fixtures.ts";
import { bundleOf, openPeople, type People } from "../policy-world.fixtures.ts";
import { BundleServer } from "./bundle-server.fixtures.ts";
import { opaBundle } from "./opa-bundle.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let server: BundleServer;
let people: People;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  server = stack.use(await BundleServer.start());
  await writeFile(join(ground.directory, "token"), "let-me-in\n");
  core = stack.use(
    await TestCore.start(ground, {
      VIVIFIED_CORE_POLICY_SOURCE_URL: `${server.url}?secret=1`,
      VIVIFIED_CORE_POLICY_SOURCE_TOKEN_FILE: join(ground.directory, "token"),
      VIVIFIED_CORE_POLICY_SOURCE_INTERVAL_MS: "100",
      VIVIFIED_CORE_POLICY_SOURCE_TIMEOUT_MS: "500",
    }),
  );
  people = await openPeople(core);
});
afterAll(() => stack.disposeAsync());

const overview = async () => (await core.ask("GET /admin/policies", { token: people.ann })).body;
const source = async () => (await overview()).source;
const inForce = async () => (await overview()).active.revision;
const refusals = async () => {
  const query = "rule=policy.bundle_refused&limit=1000";
  return (await core.ask(`GET /admin/decisions?${query}`, { token: people.ann })).body.decisions.length as number;
};
const bundle = (revision: string, serial: number, changes = {}) => bundleOf(ground, { revision, serial, ...changes });

/** Answers served since now, by status. */
async function answersOf(count: number): Promise<number[]> {
  const from = server.requests.length;
  await eventually(() => server.requests.length).toBeGreaterThan(from + count);
  return server.requests.slice(from, from + count).map(({ status }) => status);
}

describe("a bundle source", () => {
  it("is asked as OPA asks, and shown without what is secret", async () => {
    await eventually(() => server.requests.length).toBeGreaterThan(0);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer let-me-in",
      prefer: "modes=snapshot",
      accept: expect.stringContaining("application/gzip"),
    });
    await eventually(source).toMatchObject({
      url: server.url,
      fault: "source_unavailable",
      detail: expect.stringContaining("404"),
    });
  });

  it("has what real opa built and signed put in force", async () => {
    server.serve(await opaBundle("from-opa", ground.policySigner));
    await eventually(inForce).toBe("from-opa");
    const { active, source } = await overview();
    expect(active).toMatchObject({ kind: "source", state: "active", requested_by: "core" });
    expect(source).toEqual({ url: server.url, etag: expect.any(String), checked_at: expect.any(String) });
  });

  it("is not asked for what it has not: the answer is 304", async () => {
    expect(await answersOf(2)).toEqual([304, 304]);
    expect((await overview()).history).toHaveLength(2);
  });

  it("has a newer bundle put in force, under the next number", async () => {
    server.serve(await bundle("v5", 5));
    await eventually(inForce).toBe("v5");
    expect((await overview()).active.id).toBe(3);
  });
});

describe("a bad bundle leaves the active one in place, and is told by its fault", () => {
  const zeroes = () => gzipSync(Buffer.alloc(70 * 1024 * 1024));
  const leadingOut = () => bundle("escape", 9, { files: { "../../outside.rego": "package outside" } });
  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ["unsigned", async () => resealBundle(await shippedBundle(), { revision: "u", serial: 9 })],
    ["bad_signature", async () => resealBundle(await shippedBundle(), { serial: 9 }, testSigner("test").signer)],
    ["unknown_key", async () => resealBundle(await shippedBundle(), { serial: 9 }, testSigner("stranger").signer)],
    ["older_revision", () => bundle("v4", 4)],
    ["revision_reused", () => bundle("v5", 9)],
    ["truncated", async () => (await bundle("cut", 9)).subarray(0, -1_000)],
    ["too_large", () => Buffer.alloc(16 * 1024 * 1024 + 1)],
    ["too_large", zeroes],
    ["path_escape", leadingOut],
    ["malformed", () => Buffer.from("<html>please log in</html>")],
    ["not_runnable", () => bundle("lame", 9, { without: ["vivified/rpc/invoke/decision"] })],
  ])("%s", async (fault, archive) => {
    const before = await refusals();
    server.serve(await archive());
    await eventually(source).toMatchObject({ fault, detail: expect.any(String) });
    expect(await answersOf(2)).toHaveLength(2);
    expect(await source()).toMatchObject({ fault });
    expect(await inForce()).toBe("v5");
    expect(await refusals()).toBe(before + 1);
  });

  it("is forgotten when a good one comes", async () => {
    server.serve(await bundle("v6", 6));
    await eventually(inForce).toBe("v6");
    expect(await source()).not.toHaveProperty("fault");
  });
});

describe("a server that does not serve", () => {
  it.each<[string, string, Parameters<BundleServer["answer"]>[0]]>([
    ["fails", "answered 500", (_, response) => void response.writeHead(500).end("out of order")],
    ["sends elsewhere", "answered 302", (_, response) => void response.writeHead(302, { location: "/other" }).end()],
    ["never answers", "within 500 ms", () => undefined],
    ["never comes to an end", "within 500 ms", (_, response) => void response.writeHead(200).write("a beginning")],
    [
      "breaks off",
      "cannot be reached",
      (_, response) => void response.writeHead(200, { "content-length": 9 }).write("x", () => response.destroy()),
    ],
  ])("that %s changes nothing", async (_name, detail, handler) => {
    server.answer(handler);
    await answersOf(1);
    await eventually(source).toMatchObject({ fault: "source_unavailable", detail: expect.stringContaining(detail) });
    expect(await inForce()).toBe("v6");
  });

  it("is forgiven when it serves again", async () => {
    server.serve(await bundle("v7", 7));
    await eventually(inForce).toBe("v7");
    await eventually(source).not.toHaveProperty("fault");
  });
});

describe("people have the last word", () => {
  const token = () => people.ann;

  it("what was rolled back is not published again by itself", async () => {
    const body = { note: "v7 is bad" };
    expect((await core.ask("POST /admin/policies/rollback", { token: token(), body })).body).toMatchObject({
      revision: "v6",
    });
    await answersOf(3);
    expect(await inForce()).toBe("v6");
    expect(await source()).not.toHaveProperty("fault");
  });

  it("what relaxes floor rules waits for a person, and is not asked for again when it was rejected", async () => {
    server.serve(await bundle("lax", 8, { modes: { "rpc.not_granted": "off" } }));
    await eventually(async () => (await overview()).pending).toMatchObject([{ revision: "lax", kind: "source" }]);
    const [{ id }] = (await overview()).pending;
    await answersOf(2);
    expect(await inForce()).toBe("v6");
    await core.ask(`POST /admin/policies/activations/${id}/reject`, { token: token() });
    await answersOf(2);
    expect((await overview()).pending).toEqual([]);
  });

  it("a newer one takes the place of its own that waits; a person's request it lets wait", async () => {
    const lax = { modes: { "rpc.not_granted": "off" } };
    server.serve(await bundle("lax-2", 9, lax));
    await eventually(async () => (await overview()).pending).toMatchObject([{ revision: "lax-2" }]);
    server.serve(await bundle("lax-3", 10, lax));
    await eventually(async () => (await overview()).pending).toMatchObject([{ revision: "lax-3" }]);
    const [{ id }] = (await overview()).pending;
    await core.ask(`POST /admin/policies/activations/${id}/reject`, { token: token() });
    const body = { revision: "lax-2", note: "mine" };
    expect((await core.ask("POST /admin/policies/publish", { token: token(), body })).status).toBe(202);
    server.serve(await bundle("v11", 11));
    await eventually(source).toMatchObject({ detail: expect.stringContaining("waits for approval") });
    const [mine] = (await overview()).pending;
    await core.ask(`POST /admin/policies/activations/${mine.id}/reject`, { token: token() });
    await eventually(inForce).toBe("v11");
  });
});

describe("the URL of a source", () => {
  it.each([
    ["ftp://127.0.0.1/x", "neither http nor https"],
    ["https://user:secret@127.0.0.1/x", "TOKEN_FILE"],
  ])("%s is refused", async (url, why) => {
    await expect(TestCore.start(ground, { VIVIFIED_CORE_POLICY_SOURCE_URL: url })).rejects.toThrow(why);
  });

  it("is https outside dev mode when there is a token", async () => {
    const production = { VIVIFIED_CORE_DEV_MODE: "false", VIVIFIED_CORE_POLICY_SOURCE_URL: "http://127.0.0.1/x" };
    const { VIVIFIED_CORE_FIRST_ADMIN_PASSWORD: _, ...env } = ground.env;
    const token = { VIVIFIED_CORE_POLICY_SOURCE_TOKEN_FILE: join(ground.directory, "token") };
    const other = { ...ground, env } as TestGround;
    await expect(TestCore.start(other, { ...production, ...token })).rejects.toThrow("https alone");
  });
});
