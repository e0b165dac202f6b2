import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Verdict } from "@vivified/contracts";
import { openBundle, openPinnedJudge, parseCases } from "@vivified/pdp";
import { testSigner } from "@vivified/pdp/fixtures";
import { freePort } from "@vivified/runtime";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inCheckout } from "../../platform/checkout.ts";
import { type Files, files, policy } from "../insight/insight.fixtures.ts";
import { readCases } from "./read-cases.ts";
import { opaTool } from "./tools.ts";
import { openWorkspace } from "./workspace.ts";

const { signer, keys, publicKeyPem } = testSigner("team");
const stranger = testSigner("team");
let folder: Files;
let bundle: string;

beforeAll(async () => {
  folder = await files();
  bundle = folder.path("bundle.tar.gz");
  const key = await folder.write("key.pem", signer.privateKeyPem);
  await folder.write("public.pem", publicKeyPem);
  await folder.write("stranger.pem", stranger.publicKeyPem);
  const from = ["--customer", inCheckout("examples/policy-repository")];
  const built = await policy("build", ...from, "--output", bundle, "--key", key, "--key-id", "team");
  expect(built).toMatchObject({ code: 0 });
});

afterAll(() => folder[Symbol.asyncDispose]());

function startOpa(port: number, publicKey: string) {
  const trust = ["--verification-key", folder.path(publicKey), "--verification-key-id", "team"];
  const server = ["run", "--server", "--addr", `127.0.0.1:${port}`, "--log-level", "error"];
  return spawn(opaTool(), [...server, "--bundle", bundle, ...trust], { stdio: ["ignore", "pipe", "pipe"] });
}

async function served(port: number): Promise<boolean> {
  return request(`http://127.0.0.1:${port}/health?bundles`).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );
}

async function answerOf(port: number, entrypoint: string, input: object): Promise<Verdict> {
  const { body } = await request(`http://127.0.0.1:${port}/v1/data/vivified/${entrypoint}/decision`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input }),
  });
  return ((await body.json()) as { result: Verdict }).result;
}

const said = ({ effect, reasons, obligations }: Verdict) => ({
  effect,
  rules: reasons.map(({ rule }) => rule).sort(),
  obligations: obligations.map(({ path, action }) => `${action} ${path}`).sort(),
});

describe("real opa", () => {
  it("verifies a bundle of ours, serves it, and says what our engine says", async () => {
    const port = await freePort();
    const opa = startOpa(port, "public.pem");
    for (const stream of [opa.stdout, opa.stderr]) stream.resume();
    try {
      await expect.poll(() => served(port), { timeout: 20_000, interval: 100 }).toBe(true);
      await using judge = await openPinnedJudge(await openBundle(await readFile(bundle), { keys }));
      const { cases } = await readCases(openWorkspace(inCheckout("policies")));
      const mail = inCheckout("examples/policy-repository/cases/mail.yaml");
      const asked = [...cases, ...parseCases(await readFile(mail, "utf8"), mail).cases];
      expect(asked.length).toBeGreaterThan(15);
      for (const question of asked) {
        const theirs = said(await answerOf(port, question.entrypoint, question.input));
        const ours = said(await judge.judge(question));
        expect(theirs, question.name).toEqual({ ...ours, obligations: expect.arrayContaining(ours.obligations) });
      }
    } finally {
      opa.kill();
      await once(opa, "exit");
    }
  });

  it("refuses it under another's key", async () => {
    const opa = startOpa(await freePort(), "stranger.pem");
    const [printed, complained, [code]] = await Promise.all([text(opa.stdout), text(opa.stderr), once(opa, "close")]);
    expect(code).not.toBe(0);
    expect(`${printed}${complained}`).toMatch(/verification error/);
  });
});
