import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cosign, formatCheckpoint, formatTlogProof, inclusionProof, signNote, tileHashes } from "@vivified/tlog";
import { memoryLog } from "@vivified/tlog/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, folder } from "../audit.fixtures.ts";
import { entryOf, someRecords, testKey, testWitness } from "../verify/export.fixtures.ts";

let files: Awaited<ReturnType<typeof folder>>;
let at: readonly string[];
const stack = new AsyncDisposableStack();
const signer = testKey();
const witness = testWitness("one.example");
const records = someRecords(20);
const id = records[3]?.decision_id ?? "";

beforeAll(async () => {
  files = stack.use(await folder());
  await writeFile(files.path("password"), "correct horse battery\n");
  const proofs = { size: 20, decision: await proofOf(3), outcome: await proofOf(4) };
  const decision = { ...records[3], outcome: records[4], stream_sequence: 7, log_index: 3 };
  const answers: Readonly<Record<string, object>> = {
    "/auth/login": { access_token: "t", token_type: "Bearer", expires_in: 600 },
    [`/admin/audit/proofs/${id}`]: proofs,
    [`/admin/decisions/${id}`]: decision,
  };
  const server = createServer(({ url = "" }, reply) => {
    reply.writeHead(answers[url] === undefined ? 404 : 200, { "content-type": "application/json" });
    reply.end(JSON.stringify(answers[url] ?? { code: "not_found" }));
  });
  stack.defer(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  at = ["--url", `http://127.0.0.1:${port}`, "--password-file", files.path("password")];
  await audit("prove", id, "-o", files.path("d"), ...at);
});
afterAll(() => stack.disposeAsync());

async function proofOf(index: number): Promise<string> {
  const { size, root, readTile } = memoryLog(records.map(entryOf));
  const text = formatCheckpoint({ origin: signer.name, size, root, extensions: [] });
  const proof = await inclusionProof({ index, size }, tileHashes(size, readTile));
  return formatTlogProof({ index, proof, checkpoint: signNote(text, signer) + cosign(text, 1_790_000_000, witness) });
}

const verify = (record: string, proof: string, ...more: string[]) =>
  audit("verify", files.path(record), "--proof", files.path(proof), "--key", signer.vkey, ...more);

describe("vivified audit prove", () => {
  it("writes a decision and its outcome with proofs that verify offline", async () => {
    expect(await verify("d.json", "d.tlog-proof")).toMatchObject({
      code: 0,
      out: "the log holds the record at place 3 of 20\nverified\n",
    });
    const outcome = await verify("d.outcome.json", "d.outcome.tlog-proof", "--witness", witness.vkey, "--json");
    expect(JSON.parse(outcome.out)).toEqual({ ok: true, index: 4, size: 20, findings: [] });
  });

  it("says that core does not have it", async () => {
    expect(await audit("prove", "unknown", ...at)).toMatchObject({ code: 2, err: expect.stringContaining("404") });
  });
});

describe("a proof of one record", () => {
  const altered = async (name: string, from: string, change: (text: string) => string) => {
    await writeFile(files.path(name), change(await readFile(files.path(from), "utf8")));
    return name;
  };

  it("names a changed record", async () => {
    const changed = await altered("changed.json", "d.json", (text) => text.replace("workflow", "workfl0w"));
    expect(await verify(changed, "d.tlog-proof")).toMatchObject({
      code: 1,
      out: expect.stringMatching(new RegExp(`^record_changed: ${id} .*\nNOT VERIFIED\n$`)),
    });
  });

  it("does not serve for another record", async () => {
    expect(await verify("d.json", "d.outcome.tlog-proof")).toMatchObject({ code: 1 });
  });

  const otherThan = (letter: string) => (letter === "A" ? "B" : "A");

  it.each([
    ["another key", "unknown_key", (text: string) => text, testKey().vkey],
    ["a changed checkpoint", "bad_signature", (text: string) => text.replace("\n20\n", "\n21\n"), undefined],
    ["a changed hash", "record_changed", (text: string) => text.replace(/(?<=^index 3\n)./m, otherThan), undefined],
    ["a proof that is none", "malformed_export", () => "nothing", undefined],
  ])("is not believed with %s", async (_, kind, change, key = signer.vkey) => {
    const proof = await altered("altered.tlog-proof", "d.tlog-proof", change);
    const ran = await audit("verify", files.path("d.json"), "--proof", files.path(proof), "--key", key, "--json");
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out).findings).toMatchObject([{ kind, id }]);
  });

  it("wants the witness that is asked for", async () => {
    const { code, out } = await verify("d.json", "d.tlog-proof", "--witness", testWitness("two.example").vkey);
    expect(code).toBe(1);
    expect(out).toContain("missing_cosignature");
  });

  it.each([
    ["a record that is none", ["password", "d.tlog-proof"]],
    ["a checkpoint that was kept", ["d.json", "d.tlog-proof", "--checkpoint", "/dev/null"]],
  ] as const)("ends with 2 for %s", async (_, [record, proof, ...more]) => {
    expect((await verify(record, proof, ...more)).code).toBe(2);
  });
});
