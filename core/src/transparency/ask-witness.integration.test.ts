import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { cosign, parseAddCheckpoint, signatureTypes, signNote, verifierKeyOf } from "@vivified/tlog";
import { afterAll, describe, expect, it } from "vitest";
import { askWitness } from "./ask-witness.ts";

const signer = { name: "witness.example/w1", key: generateKeyPairSync("ed25519").privateKey };
const key = verifierKeyOf(signer.name, signatureTypes.cosignature, signer.key);
const text = `example.org/audit\n5\n${Buffer.alloc(32).toString("base64")}\n`;
const logSigner = { name: "example.org/audit", key: generateKeyPairSync("ed25519").privateKey };
const checkpoint = { size: 5, root: "", note: signNote(text, logSigner), madeAt: new Date() };
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

/** A witness that answers as it is told, and keeps what it was asked. */
async function witnessThat(answers: (old: number) => { status: number; body: string; type?: string }) {
  const asked: number[] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const old = parseAddCheckpoint(Buffer.concat(chunks).toString())?.oldSize ?? -1;
    asked.push(old);
    const { status, body, type = "text/plain" } = answers(old);
    response.writeHead(status, { "content-type": type }).end(body);
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  stack.defer(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`;
  const ask = (oldSize = 0) => askWitness({ witness: { key, url }, checkpoint, oldSize, prove: async () => [] });
  return { ask, asked };
}

const right = () => ({ status: 200, body: cosign(text, 1_700_000_000, signer) });
const refused = { code: "upstream_failed" };

describe("asking a witness", () => {
  it("takes its signature", async () => {
    const { ask, asked } = await witnessThat(right);
    expect(await ask(3)).toBe(right().body);
    expect(asked).toEqual([3]);
  });

  it("asks once more from where the witness says that it stands", async () => {
    const { ask, asked } = await witnessThat((old) => (old === 2 ? right() : { status: 409, body: "2\n" }));
    expect(await ask(4)).toBe(right().body);
    expect(asked).toEqual([4, 2]);
  });

  it("does not go round in circles", async () => {
    const { ask, asked } = await witnessThat((old) => ({ status: 409, body: `${old === 1 ? 2 : 1}\n` }));
    await expect(ask()).rejects.toMatchObject(refused);
    expect(asked).toEqual([0, 1]);
  });

  const stranger = { name: signer.name, key: generateKeyPairSync("ed25519").privateKey };
  it.each([
    ["a signature of another key", 200, cosign(text, 1, stranger)],
    ["a signature over another checkpoint", 200, cosign(text.replace("\n5\n", "\n6\n"), 1, signer)],
    ["nothing", 200, ""],
    ["a page", 200, "<html>hello</html>\n"],
    ["a signature and more", 200, `${cosign(text, 1, signer)}\nmore`],
    ["a size beyond the checkpoint", 409, "6\n"],
    ["a size that is none", 409, "05\n"],
    ["a refusal", 403, "who are you\n"],
    ["a failure", 500, ""],
    ["too much", 200, "— x y\n".repeat(50_000)],
  ])("refuses %s", async (_, status, body) => {
    const { ask, asked } = await witnessThat(() => ({ status, body }));
    await expect(ask()).rejects.toMatchObject(refused);
    expect(asked).toEqual([0]);
  });
});
