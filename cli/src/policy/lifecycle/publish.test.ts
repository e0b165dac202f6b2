import { describe, expect, it } from "vitest";
import type { AdminApi } from "../../platform/admin-api.ts";
import { revisionOf } from "./publish.ts";

const nobody = {} as AdminApi; // core must not be asked

describe("revisionOf", () => {
  it("takes what is no path for a revision", async () => {
    await expect(revisionOf("8ef5311fc4de0fed", nobody)).resolves.toBe("8ef5311fc4de0fed");
    await expect(revisionOf("release-1.2", nobody)).resolves.toBe("release-1.2");
  });

  it.each([
    ["./nothing/here", "there is no file ./nothing/here"],
    ["nothing.tar.gz", "there is no file nothing.tar.gz"],
    [import.meta.dirname, "is a folder: vivified policy build makes a bundle of it"],
  ])("takes %s for a slip, and asks core nothing", async (slip, why) => {
    await expect(revisionOf(slip, nobody)).rejects.toThrow(why);
  });
});
