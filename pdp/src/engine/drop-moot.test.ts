import type { Obligation } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { dropMoot } from "./drop-moot.ts";

const on = (path: string, action: Obligation["action"]): Obligation => ({ path, action });

describe("dropMoot", () => {
  it("drops what lies inside a field that is taken away", () => {
    const obligations = [on("/a", "remove"), on("/a/b", "redact"), on("/a/b/*", "mask"), on("/ab", "redact")];
    expect(dropMoot(obligations)).toEqual([on("/a", "remove"), on("/ab", "redact")]);
  });

  it("keeps what lies inside a field that stays", () => {
    const obligations = [on("/a", "keep"), on("/a/b", "redact")];
    expect(dropMoot(obligations)).toEqual(obligations);
  });

  it("drops everything but the whole document when that is taken away", () => {
    expect(dropMoot([on("", "redact"), on("/a", "redact"), on("/a/b", "redact")])).toEqual([on("", "redact")]);
  });
});
