import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testAuthority } from "./svid.fixtures.ts";
import { assembleSvid, readSvid, writeSvid } from "./svid-files.ts";

const id = "spiffe://vivified.local/plugin/a";
let home: string;
let directory: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "vivified-svid-"));
  directory = join(home, "identity");
});
afterEach(() => rm(home, { recursive: true }));

describe("a kept SVID", () => {
  it("is for its owner alone", async () => {
    await writeSvid(directory, await (await testAuthority()).issue(id));
    const modes = ["", "key.pem", "chain.pem", "bundle.pem"].map((name) => stat(join(directory, name)));
    expect((await Promise.all(modes)).map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  it("is used until it ends", async () => {
    const svid = await (await testAuthority()).issue(id);
    await writeSvid(directory, svid);
    expect(await readSvid(directory, new Date(svid.expiresAt.getTime() - 1))).toEqual(svid);
    expect(await readSvid(directory, svid.expiresAt)).toBeUndefined();
  });

  it("is none when it is not there, or its key is another's", async () => {
    expect(await readSvid(directory, new Date())).toBeUndefined();
    const [svid, other] = await Promise.all([1, 2].map(async () => (await testAuthority()).issue(id)));
    if (svid === undefined || other === undefined) throw new Error("fixture");
    const swapped = { ...svid, keyPem: other.keyPem };
    expect(assembleSvid(swapped)).toBeUndefined();
    await writeSvid(directory, swapped);
    expect(await readSvid(directory, new Date())).toBeUndefined();
  });
});
