import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { logEntry } from "@vivified/contracts";
import { formatVerifierKey, openCheckpoint, parseVerifierKey, signatureTypes, verifierKeyOf } from "@vivified/tlog";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { type GoWitness, startGoWitness } from "./go-witness.fixtures.ts";
import { logIdentity } from "./log-identity.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let witness: GoWitness;
let vkey: string;
let token: string;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  vkey = logIdentity(await readFile(ground.env.VIVIFIED_CORE_AUDIT_LOG_KEY_FILE ?? "", "utf8"), "vivified.local").vkey;
  witness = stack.use(await startGoWitness(vkey));
  core = await TestCore.start(ground, witnessedBy(witness));
  stack.defer(() => core[Symbol.asyncDispose]());
  token = await core.logIn();
});
afterAll(() => stack.disposeAsync());

const witnessedBy = (...witnesses: { vkey: string; url: string }[]) => ({
  VIVIFIED_CORE_AUDIT_LOG_WITNESSES: witnesses.map(({ vkey, url }) => `${vkey} ${url}`).join(","),
});

async function restart(...witnesses: { vkey: string; url: string }[]): Promise<void> {
  await core[Symbol.asyncDispose]();
  core = await TestCore.start(ground, witnessedBy(...witnesses));
  token = await core.logIn();
}

/** The newest checkpoint that the witness signed; every request of ours makes a record, so there is always a newer one. */
async function witnessed(by: { vkey: string }): Promise<number> {
  const { name } = parseVerifierKey(by.vkey) ?? {};
  const { checkpoints } = (await core.ask("GET /admin/audit/checkpoints", { token })).body;
  const found = checkpoints.find(({ witnesses }: { witnesses: string[] }) => name && witnesses.includes(name));
  return found?.size ?? 0;
}

async function query(text: string): Promise<void> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

describe("a witness written in Go", () => {
  it("signs what core sends, one checkpoint after the other", async () => {
    await eventually(() => witnessed(witness)).toBeGreaterThan(0);
    const first = await witnessed(witness);
    await eventually(() => witnessed(witness)).toBeGreaterThan(first);
  });

  it("is found on the published checkpoint and in proofs, where torchwood finds it, too", async () => {
    const path = join(ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "", "checkpoint");
    const [log, key] = [parseVerifierKey(vkey), parseVerifierKey(witness.vkey)];
    if (log === undefined || key === undefined) throw new Error("unreachable");
    await eventually(async () => openCheckpoint(await readFile(path), { log, witnesses: [key] })).toMatchObject({
      cosignatures: [{ name: key.name }],
    });
    const { decisions } = (await core.ask("GET /admin/decisions?limit=100", { token })).body;
    const oldest = decisions.at(-1).decision_id;
    const [proof, entry] = ["proof", "entry"].map((name) => join(ground.directory, name));
    if (proof === undefined || entry === undefined) throw new Error("unreachable");
    const proved = async () => {
      const { body } = await core.ask(`GET /admin/audit/proofs/${oldest}`, { token });
      await writeFile(proof, body.decision);
      await writeFile(entry, await entryOf(oldest));
      return (await askOutside("proof", proof, entry, vkey, witness.vkey)).says;
    };
    await eventually(proved).toBe("ok");
  });

  it("is asked from where it stands when core has forgotten what it signed", async () => {
    await query("delete from log_cosignatures");
    await eventually(() => witnessed(witness)).toBeGreaterThan(0);
  });

  it("is asked from the beginning when it has forgotten everything", async () => {
    await witness[Symbol.asyncDispose]();
    witness = stack.use(await startGoWitness(vkey));
    await restart(witness);
    await eventually(() => witnessed(witness)).toBeGreaterThan(0);
  });

  it("holds nothing up when it is away or does not know the log, and the others sign", async () => {
    const other = generateKeyPairSync("ed25519").publicKey;
    await using stranger = await startGoWitness(
      formatVerifierKey(verifierKeyOf("other.example/log", signatureTypes.note, other)),
    );
    const away = formatVerifierKey(verifierKeyOf("away.example", signatureTypes.cosignature, other));
    await restart({ vkey: away, url: "http://127.0.0.1:1/" }, { vkey: away, url: stranger.url }, witness);
    const before = await witnessed(witness);
    await eventually(() => witnessed(witness)).toBeGreaterThan(before);
    expect((await core.ask("GET /health")).body.ready).toBe(true);
  });
});

async function entryOf(id: string): Promise<string> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query("select record from decisions where decision_id = $1", [id]);
    return logEntry(rows[0].record);
  } finally {
    await client.end();
  }
}
