import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluginSpiffeId, type SpiffeId } from "@vivified/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../telemetry/logger.ts";
import { openSvidSource } from "./open-svid-source.ts";
import { testAuthority } from "./svid.fixtures.ts";
import { writeSvid } from "./svid-files.ts";

const trustDomain = "vivified.local";
const [a, b] = [pluginSpiffeId(trustDomain, "a"), pluginSpiffeId(trustDomain, "b")];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-svid-source-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Without a control plane and without a token: there is what was kept, or nothing. */
function open(spiffeId: SpiffeId) {
  const logger = createLogger({ process: "test", level: "silent" });
  return openSvidSource({ spiffeId, trustDomain, directory, logger, controlPlaneUrl: "https://127.0.0.1:1" });
}

describe("openSvidSource", () => {
  it("goes on with the SVID that was kept", async () => {
    const kept = await (await testAuthority()).issue(a);
    await writeSvid(directory, kept);
    await using source = await open(a);
    expect(source.current()).toEqual(kept);
  });

  it("is never somebody else, whose SVID lies there", async () => {
    await writeSvid(directory, await (await testAuthority()).issue(b));
    await expect(open(a)).rejects.toMatchObject({ code: "invalid_join_token" });
  });
});
