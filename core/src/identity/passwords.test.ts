import { describe, expect, it } from "vitest";
import { Passwords } from "./passwords.ts";

describe("Passwords", () => {
  it("recognises the password it hashed and no other", async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash("open sesame");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.matches("open sesame", hash)).toBe(true);
    expect(await passwords.matches("open sesame ", hash)).toBe(false);
  });

  it("salts: the same password has another hash each time", async () => {
    const passwords = new Passwords();
    expect(await passwords.hash("x")).not.toBe(await passwords.hash("x"));
  });

  it("takes different spellings of the same characters for the same password", async () => {
    const passwords = new Passwords();
    expect(await passwords.matches("caf\u00e9", await passwords.hash("cafe\u0301"))).toBe(true);
  });

  it.each([[undefined], [""], ["plain"], ["$argon2id$v=19$m=19456,t=2,p=1$short"]])(
    "matches nothing with the hash %s",
    async (hash) => {
      expect(await new Passwords().matches("x", hash)).toBe(false);
    },
  );

  it("works as hard without a hash as with one, so that the time tells nothing", async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash("x");
    const timed = async (known: string | undefined) => {
      const times: number[] = [];
      for (let n = 0; n < 5; n += 1) {
        const started = performance.now();
        await passwords.matches("y", known);
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    };
    expect((await timed(undefined)) / (await timed(hash))).toBeGreaterThan(0.3);
  });

  it("runs no more than its number at a time and refuses when too many wait", async () => {
    const passwords = new Passwords({ concurrent: 1, waiting: 1 });
    const all = [1, 2, 3].map((n) => passwords.hash(String(n)));
    await expect(all[2]).rejects.toMatchObject({ code: "rate_limited" });
    await Promise.all(all.slice(0, 2));
    await expect(passwords.hash("4")).resolves.toBeTypeOf("string");
  });
});
