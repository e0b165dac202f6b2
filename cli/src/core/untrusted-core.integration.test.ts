import { writeFile } from "node:fs/promises";
import { freePort } from "@vivified/runtime";
import { type IssueOptions, type TestAuthority, testAuthority } from "@vivified/runtime/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folder, vivified } from "../audit/audit.fixtures.ts";
import { coreThat, rowOf } from "../decisions/core.fixtures.ts";
import { openTail, says, startTail } from "../decisions/tail/tail.fixtures.ts";

const coreId = "spiffe://vivified.local/core";
const hour = 3_600_000;
let authority: TestAuthority;
let files: Awaited<ReturnType<typeof folder>>;

beforeAll(async () => {
  authority = await testAuthority();
  files = await folder();
  await writeFile(files.path("ca.pem"), authority.bundlePem);
  await writeFile(files.path("other-ca.pem"), (await testAuthority()).bundlePem);
  await writeFile(files.path("nonsense.pem"), "no certificate");
});
afterAll(() => files[Symbol.asyncDispose]());

/** A core whose certificate is one of the authority's. */
async function coreWith(options: IssueOptions = {}) {
  const shown = await authority.issue(coreId, { dnsNames: ["localhost"], ...options });
  return coreThat((_, reply) => openTail(reply, says.decision(1)), shown);
}

const ca = (name: string) => ["--ca", files.path(name)];
const { decision_id: id } = rowOf(1);

describe("a core whose certificate", () => {
  it("is its authority's is asked", async () => {
    await using core = await coreWith();
    await using tail = startTail("--json", ...ca("ca.pem"), ...core.at);
    await expect.poll(() => tail.out(), { timeout: 20_000 }).toContain(id);
  });

  it.each<readonly string[]>([
    ["decisions", "tail"],
    ["decisions", "tail", "--since", "1h"],
    ["decisions", "search"],
    ["decisions", "explain", id],
    ["audit", "export", "-o", "-"],
  ])("is none of the named authority's ends %s %s at once, and is told how to be trusted", async (...command) => {
    await using core = await coreWith();
    const { code, out, err } = await vivified(...command, ...ca("other-ca.pem"), ...core.at);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`is not accepted by ${files.path("other-ca.pem")}. --ca has to name the file of the`);
    expect(core.asked).toEqual([]);
  });

  it.each<[string, IssueOptions, readonly string[], string]>([
    ["no public authority signed", {}, [], "no public authority signed its certificate. --ca has to name"],
    ["is held against a file without any", {}, ["nonsense.pem"], "is not accepted by"],
    ["is for another name", { dnsNames: ["core.example"] }, ["ca.pem"], "DNS:core.example). --url has to give a name"],
    ["has expired", { notBefore: new Date(0), notAfter: new Date(hour) }, ["ca.pem"], "its certificate has expired"],
    ["is not valid yet", { notBefore: new Date(Date.now() + hour) }, ["ca.pem"], "its certificate is not valid yet"],
  ])("%s is not waited for", async (_, options, [name], told) => {
    const notAfter = new Date(Date.now() + 2 * hour);
    await using core = await coreWith({ notAfter, ...options });
    const { code, err } = await vivified("decisions", "tail", ...(name ? ca(name) : []), ...core.at);
    expect(err).toContain(told);
    expect(err).not.toContain("trying again");
    expect(code).toBe(2);
  });
});

it("waits for a core that is not there yet", async () => {
  await using core = await coreWith();
  const absent = ["--url", `https://localhost:${await freePort()}`, ...core.at.slice(2), ...ca("ca.pem")];
  await using tail = startTail(...absent);
  await expect.poll(() => tail.err(), { timeout: 20_000 }).toMatch(/ECONNREFUSED.*; trying again/);
});
