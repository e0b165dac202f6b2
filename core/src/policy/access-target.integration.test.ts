import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestCore } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";

const stack = new AsyncDisposableStack();
let core: TestCore;
let token: string;

beforeAll(async () => {
  ({ core, token } = stack.use(await openCoreSuite()));
});
afterAll(() => stack.disposeAsync());

/** The `target` of the access record of a request, and the `action`. */
async function accessOf(route: string, body?: unknown) {
  const trace = crypto.randomUUID().replaceAll("-", "");
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  await core.ask(route, { token, headers, ...(body !== undefined && { body }) });
  const { records } = (await core.ask("GET /admin/decisions/records?entrypoint=admin/access&limit=5000", { token }))
    .body;
  return records.find((one: { trace_id: string }) => one.trace_id === trace);
}

const long = `${"x".repeat(199)}😀`;

it.each([
  ["GET /admin/audit/faults/42", "GET /admin/audit/faults/{sequence}", "42"],
  ["GET /admin/policies/bundles/no-such", "GET /admin/policies/bundles/{revision}", "no-such"],
  ["GET /admin/audit/log/tile/0/000", "GET /admin/audit/log/tile/*", "0/000"],
  ["POST /admin/plugins/mailer/disable", "POST /admin/plugins/{id}/disable", "mailer"],
  [
    `POST /admin/plugins/${encodeURIComponent(long)}/disable`,
    "POST /admin/plugins/{id}/disable",
    `${"x".repeat(199)}\uFFFD`,
  ],
])("an access record of %s says which", async (route, action, target) => {
  expect(await accessOf(route)).toMatchObject({ action, target });
});

it("is without a target where the path names nothing", async () => {
  const access = await accessOf("GET /admin/users");
  expect(access.action).toBe("GET /admin/users");
  expect(access).not.toHaveProperty("target");
});

it("never holds what a body names, as the data subject that is forgotten", async () => {
  const access = await accessOf("POST /admin/audit/forget", { subject: "u-secret-1" });
  expect(access.action).toBe("POST /admin/audit/forget");
  expect(JSON.stringify(access)).not.toContain("u-secret-1");
});
