import { describe, expect, it } from "vitest";
import { atLeast, compareVersions, envoyVersionIn, sameMinor, versionIn } from "./versions.mjs";

describe("versions", () => {
  it.each([
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["nats-server: v2.15.2\n", "2.15.2"],
    ["postgres (PostgreSQL) 18.4", "18.4"],
    ["no version here", undefined],
  ])("reads %j as %s", (text, version) => {
    expect(versionIn(text)).toBe(version);
  });

  it("does not take a version in Envoy's path for Envoy's", () => {
    expect(envoyVersionIn("/opt/envoy-1.39.0/envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL")).toBe("1.40.0");
  });

  it("compares by number, not by letter, and takes a missing part as zero", () => {
    expect(["1.9.0", "1.10", "1.10.1"].toSorted(compareVersions)).toEqual(["1.9.0", "1.10", "1.10.1"]);
    expect(compareVersions("18.4", "18.4.0")).toBe(0);
  });

  it("accepts patches of the pinned minor only", () => {
    const { fits } = sameMinor("1.22.0");
    expect(["1.22.7", "1.2.20", "1.23.0", "2.22.0"].map(fits)).toEqual([true, false, false, false]);
  });

  it("accepts later versions of the same major only", () => {
    const { fits } = atLeast("24.12.0");
    expect(["24.12.0", "24.21.0", "24.9.0", "25.0.0", "240.0.0"].map(fits)).toEqual([true, true, false, false, false]);
  });
});
