import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { DecisionRecord, JsonObject } from "@vivified/contracts";
import { openPinnedJudge, type PolicyBundle, type Question } from "@vivified/pdp";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

const main = join(import.meta.dirname, "../../main.ts");

/** Runs `vivified policy …` as people do, without colours. */
export async function policy(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [main, "policy", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: Number(code), out, err };
}

export type Files = AsyncDisposable & {
  readonly path: (name: string) => string;
  /** Writes a file, folders and all, and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
};

/** A folder of its own for one test, gone afterwards. */
export async function files(): Promise<Files> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-insight-"));
  const path = (name: string) => join(directory, name);
  return {
    path,
    write: async (name, content) => {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), content);
      return path(name);
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** The newsletter calls `email-gateway.send_email`; with `traits` it may. */
export const sendMail = (traits: readonly string[]): Question & { readonly input: JsonObject } => ({
  entrypoint: "rpc/invoke",
  input: {
    subject: { id: "newsletter", traits },
    resource: {
      plugin: "email-gateway",
      operation: "send_email",
      traits: ["external_service", "handles_pii"],
      requires_traits: ["handles_pii"],
    },
    grant: { id: "g-1" },
    fields: [
      { path: "/diagnosis", type: "string", traits: ["phi"] },
      { path: "/to", type: "string", traits: ["pii"] },
    ],
    attributes: {},
  },
});

/** Records of questions as a bundle answers them, with ids `…0`, `…1` and so on. */
export async function recordsOf(bundle: PolicyBundle, questions: readonly Question[]): Promise<DecisionRecord[]> {
  await using judge = await openPinnedJudge(bundle);
  return Promise.all(questions.map(async (question, index) => record(question, index, { judge, bundle })));
}

type Judged = { readonly judge: Awaited<ReturnType<typeof openPinnedJudge>>; readonly bundle: PolicyBundle };

async function record(question: Question, index: number, { judge, bundle }: Judged): Promise<DecisionRecord> {
  return {
    ...{ kind: "decision", decision_id: decisionId(index), timestamp: "2026-11-26T12:00:00.000Z" },
    ...{ lane: "rpc", path: `vivified/${question.entrypoint}/decision`, revision: bundle.revision, snapshot: 1 },
    ...{ caller: "newsletter", action: "invoke", resource: "email-gateway.send_email", target: "email-gateway" },
    ...{ trace_id: "0".repeat(32), labels: {} },
    ...question,
    result: await judge.judge(question),
  };
}

/** A UUIDv7 of 2026-11-26T12:00:00Z. */
export const decisionId = (index: number): string =>
  `${Date.parse("2026-11-26T12:00:00Z")
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})/, "$1-")}-7000-8000-${index.toString(16).padStart(12, "0")}`;

export const lines = (records: readonly unknown[]): string => records.map((one) => `${JSON.stringify(one)}\n`).join("");
