import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { s3Storage } from "./log-storage.s3.ts";
import { startS3, type TestS3 } from "./s3-server.fixtures.ts";

const stack = new AsyncDisposableStack();
let bucket: TestS3;
let core: TestCore;
let token: string;

beforeAll(async () => {
  bucket = stack.use(await startS3());
  const ground = stack.use(await TestGround.open());
  delete ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR;
  const { url, accessKeyId, secretAccessKey } = bucket.settings;
  core = stack.use(
    await TestCore.start(ground, {
      VIVIFIED_CORE_AUDIT_LOG_S3_URL: url,
      VIVIFIED_CORE_AUDIT_LOG_S3_ACCESS_KEY_ID: accessKeyId,
      VIVIFIED_CORE_AUDIT_LOG_S3_SECRET_ACCESS_KEY: secretAccessKey.reveal(),
    }),
  );
  token = await core.logIn();
});
afterAll(() => stack.disposeAsync());

const read = (path: string, as = token) => core.ask(`GET /admin/audit/${path}`, { token: as });

/** A new user with one role, logged in. */
async function somebody(role: string): Promise<string> {
  const password = "correct horse battery staple too";
  const body = { username: role, email: `${role}@example.org`, full_name: role, password, roles: [role] };
  const made = await core.ask("POST /admin/users", { token, body });
  expect(made.status).toBe(201);
  return core.logIn(role, password);
}

describe("a core whose audit log lies in a bucket", () => {
  it("publishes there what it serves, and is ready", async () => {
    await eventually(async () => (await read("log/checkpoint")).status).toBe(200);
    const storage = s3Storage(bucket.settings);
    const published = async () => Buffer.from((await storage.read("checkpoint")) ?? []).toString();
    await eventually(published).toMatch(/^vivified\.local\/audit\n[1-9]\d*\n/);
    expect((await core.ask("GET /health")).body.checks.audit_log).toBe(true);
  });

  it("lets auditors read the log, and viewers not", async () => {
    const [auditor, viewer] = [await somebody("auditor"), await somebody("viewer")];
    for (const path of ["log/checkpoint", "checkpoints"]) {
      expect((await read(path, auditor)).status, path).toBe(200);
      expect((await read(path, viewer)).status, path).toBe(403);
    }
    expect((await read("log/tile/0/000.p/1", viewer)).status).toBe(403);
    expect((await read("proofs/x", viewer)).status).toBe(403);
    expect((await read("proofs/x", auditor)).status).toBe(404);
  });
});
