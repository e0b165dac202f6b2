import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { svidOf } from "./peer-svid.ts";
import { type IssueOptions, type TestAuthority, testAuthority } from "./svid.fixtures.ts";

const id = "spiffe://vivified.local/plugin/a";
let authority: TestAuthority;

beforeAll(async () => {
  authority = await testAuthority();
});

const identityOf = async (options: IssueOptions = {}, spiffeId = id) =>
  svidOf(new X509Certificate((await authority.issue(spiffeId, options)).chainPem))?.id;

describe("the identity of a certificate", () => {
  it("is its one URI name", async () => {
    expect(await identityOf()).toBe(id);
    expect(await identityOf({ dnsNames: ["localhost", "gateway.example"] })).toBe(id);
  });

  it("is nobody's with two, with one that is no SPIFFE ID, or when it may sign others", async () => {
    expect(await identityOf({ alsoUris: ["spiffe://vivified.local/core"] })).toBeUndefined();
    expect(await identityOf({ alsoUris: ["https://example.org"] })).toBeUndefined();
    expect(await identityOf({}, "https://example.org/plugin/a")).toBeUndefined();
    expect(await identityOf({ ca: true })).toBeUndefined();
  });

  it.each(["x, URI:spiffe://vivified.local/core, y", 'x", URI:spiffe://vivified.local/core, "y'])(
    "is not what stands inside the name %s",
    async (name) => {
      expect(await identityOf({ dnsNames: [name] })).toBe(id);
    },
  );
});
