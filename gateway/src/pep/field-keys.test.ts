import { describe, expect, it } from "vitest";
import { deriveFieldKeys } from "./field-keys.ts";

describe("field keys", () => {
  const { hash, token, digest } = deriveFieldKeys("a secret");

  it("give the same value the same stand-in, and another secret another", () => {
    const other = deriveFieldKeys("another secret");
    expect([hash("ada"), token("ada"), digest("ada")]).toEqual([hash("ada"), token("ada"), digest("ada")]);
    expect(hash("ada")).not.toBe(hash("bob"));
    for (const use of ["hash", "token", "digest"] as const) {
      expect(other[use]("ada")).not.toBe(deriveFieldKeys("a secret")[use]("ada"));
    }
  });

  it("are named by an id that only their secret gives", () => {
    const { id } = deriveFieldKeys("a secret");
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect([deriveFieldKeys("a secret").id, deriveFieldKeys("another secret").id === id]).toEqual([id, false]);
  });

  it("have a key for each use, so that a stand-in cannot be found again in a record", () => {
    const hashed = hash("ada").slice("sha256:".length);
    const tokenized = Buffer.from(token("ada").slice("tok_".length), "base64url").toString("hex");
    const inRecord = digest("ada");
    expect([inRecord.startsWith(hashed), tokenized.startsWith(hashed), tokenized === inRecord]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
