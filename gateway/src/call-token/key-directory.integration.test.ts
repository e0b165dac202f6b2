import { type KV, Kvm } from "@nats-io/kv";
import { buckets, signingKeysKey } from "@vivified/contracts";
import { createLogger, listBucket, type NatsConnection, provisionNats, systemClock, uuidv7 } from "@vivified/runtime";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCallTokens } from "./call-tokens.ts";
import { KeyDirectory } from "./key-directory.ts";

const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let nats: TestNats;
let bucket: KV;
let connection: NatsConnection;
let reads = 0;

beforeAll(async () => {
  nats = stack.use(await startTestNats());
  connection = await nats.connect();
  await provisionNats(connection);
  bucket = await new Kvm(connection).open(buckets.signingKeys);
});
afterAll(() => stack.disposeAsync());

async function directory(writer: string, open: () => Promise<KV> = async () => bucket) {
  const { publicKey } = await makeCallTokens({
    issuer: "spiffe://a.example/gateway",
    newId: uuidv7,
    clock: systemClock,
  });
  const counted = () => {
    reads++;
    return open();
  };
  const list = async () => (await listBucket(connection, buckets.signingKeys)).keys;
  return { keys: new KeyDirectory({ open: counted, list, writer, own: publicKey, logger }), kid: publicKey.kid };
}

const madeUp = (n: number) =>
  ({ kty: "OKP", crv: "Ed25519", x: "x".repeat(43), kid: `kid-${n}`, alg: "EdDSA", use: "sig" }) as const;

const kidsOf = async (keys: KeyDirectory) => (await keys.jwks()).keys.map(({ kid }) => kid);

describe("KeyDirectory", () => {
  it("has a key from the moment at which another gateway has published it", async () => {
    const first = await directory("first");
    for (let n = 0; n < 50; n++) {
      const restarted = await directory("second");
      const asked = first.keys.jwks(); // a reading that began too early is not what the next one hears
      await restarted.keys.publish();
      expect(await kidsOf(first.keys)).toContain(restarted.kid);
      await asked;
    }
    expect(await kidsOf(first.keys)).toHaveLength(2);
  });

  it("reads once for all that ask meanwhile", async () => {
    const { keys } = await directory("asked");
    reads = 0;
    await Promise.all(Array.from({ length: 200 }, () => keys.jwks()));
    expect(reads).toBeLessThanOrEqual(2);
  });

  it("leaves a broken entry out, and not the others", async () => {
    const [first, second] = [await directory("first"), await directory("second")];
    await second.keys.publish();
    const tooMany = JSON.stringify({ keys: Array(5).fill({ ...madeUp(0), kid: "a" }) });
    const tooLong = JSON.stringify({ keys: [{ ...madeUp(0), kid: "a".repeat(65) }] });
    const tooLarge = `${JSON.stringify({ keys: [madeUp(0)] })}${" ".repeat(1_024)}`;
    for (const text of ["{", '{"keys":[{"kty":"oct"}]}', '{"keys":[],"keys":[]}', tooMany, tooLong, tooLarge]) {
      await bucket.put(signingKeysKey("broken"), text);
      expect(await kidsOf(first.keys)).toEqual([first.kid, second.kid]);
    }
  });

  it("has the newest keys, and no more than an answer has room for, however many there are", async () => {
    const first = await directory("first");
    const put = (n: number) => bucket.put(signingKeysKey(`made-up-${n}`), JSON.stringify({ keys: [madeUp(n)] }));
    for (let n = 0; n < 300; n++) await put(n);
    const newest = await directory("second");
    await newest.keys.publish();
    await put(0); // written again: as new as the others
    const kids = await kidsOf(first.keys);
    expect(kids.slice(0, 3)).toEqual([first.kid, "kid-0", newest.kid]);
    expect(kids).toHaveLength(257);
    expect(kids.at(-1)).toBe("kid-46");
    for (let n = 0; n < 300; n++) await bucket.delete(signingKeysKey(`made-up-${n}`));
  });

  it("answers what it knew while the bucket cannot be read, and its own key at least", async () => {
    let away = true;
    const second = await directory("second");
    await second.keys.publish();
    const open = () => (away ? Promise.reject(new Error("away")) : Promise.resolve(bucket));
    const { keys, kid } = await directory("cut-off", open);
    expect(await kidsOf(keys)).toEqual([kid]);
    away = false;
    expect(await kidsOf(keys)).toEqual([kid, second.kid]);
    away = true;
    expect(await kidsOf(keys)).toEqual([kid, second.kid]);
  });
});
