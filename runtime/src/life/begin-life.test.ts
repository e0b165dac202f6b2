import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { uuidv7 } from "../telemetry/ids.ts";
import { beginLife } from "./begin-life.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vivified-life-"));
});
afterAll(() => rm(root, { recursive: true }));

type Labels = { readonly [name: string]: string };

/** A start; gives what its record said and the life. */
async function start(name: string | undefined, configuration: Labels, id = uuidv7()) {
  const told: Labels[] = [];
  const directory = name === undefined ? {} : { directory: join(root, name) };
  const record = async (labels: Labels) => {
    told.push(labels);
    return id;
  };
  const life = await beginLife({ ...directory, version: "1.2.3", host: "h", configuration, newId: uuidv7, record });
  const [labels = {}] = told;
  return { life, labels };
}

it("tells all of it at the first start, and afterwards what differs", async () => {
  const first = await start("changes", { DAYS: "31", GONE: "x" });
  expect(first.labels).toMatchObject({ version: "1.2.3", host: "h", first: "true", changed: "DAYS,GONE" });
  expect(first.labels).toMatchObject({ "is.DAYS": "31", "is.GONE": "x" });
  await first.life.end();
  const second = await start("changes", { DAYS: "32", NEW: "y" });
  expect(second.labels).toEqual({
    ...{ version: "1.2.3", host: "h", instance: first.life.instance, previous: first.life.started },
    configuration: expect.stringMatching(/^[0-9a-f]{64}$/),
    changed: "DAYS,GONE,NEW",
    ...{ "was.DAYS": "31", "is.DAYS": "32", "was.GONE": "x", "is.NEW": "y" },
  });
  await second.life.end();
  const third = await start("changes", { DAYS: "32", NEW: "y" });
  expect(Object.keys(third.labels).toSorted()).toEqual(["configuration", "host", "instance", "previous", "version"]);
  expect(third.labels.configuration).toBe(second.labels.configuration);
});

it("says that no stop came before, as long as none did", async () => {
  const first = await start("killed", {});
  expect(first.labels.unclean).toBeUndefined();
  const second = await start("killed", {});
  expect(second.labels).toMatchObject({ unclean: "true", previous: first.life.started });
  await second.life.end();
  expect((await start("killed", {})).labels.unclean).toBeUndefined();
});

it("says so also when it was killed before its record was written, and compares with the start that was recorded", async () => {
  const before = await start("halfway", { DAYS: "31" });
  await before.life.end();
  const directory = join(root, "halfway");
  const record = () => Promise.reject(new Error("killed"));
  const configuration = { DAYS: "32" };
  await expect(
    beginLife({ directory, version: "1", host: "h", configuration, newId: uuidv7, record }),
  ).rejects.toThrow();
  const after = await start("halfway", { DAYS: "33" });
  expect(after.labels).toMatchObject({ unclean: "true", previous: before.life.started, "was.DAYS": "31" });
});

it("takes a file that is none for no file, and keeps its own to itself", async () => {
  await (await start("broken", { DAYS: "31" })).life.end();
  const path = join(root, "broken", "last-start.json");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, '{"instance":"x"}');
  expect((await start("broken", { DAYS: "31" })).labels).toMatchObject({ first: "true", "is.DAYS": "31" });
});

it("knows of no start before where no state is kept, and cuts what is too long", async () => {
  const { labels, life } = await start(undefined, { LONG: "x".repeat(2_000) });
  await life.end();
  expect(labels).toMatchObject({ first: "true", "is.LONG": "x".repeat(512) });
});
