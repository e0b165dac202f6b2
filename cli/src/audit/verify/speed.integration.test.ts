import { afterAll, beforeAll, expect, it } from "vitest";
import { audit, folder } from "../audit.fixtures.ts";
import { someRecords, testKey, writeTestExport } from "./export.fixtures.ts";

let files: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  files = await folder();
});
afterAll(() => files[Symbol.asyncDispose]());

const count = 100_000;

it("verifies 100,000 records in seconds, and finds the one that was changed", { timeout: 300_000 }, async () => {
  const signer = testKey();
  const written = await writeTestExport(files.path("large"), { records: someRecords(count), signer });
  const start = performance.now();
  const whole = await audit("verify", written.directory, "--key", signer.vkey);
  const seconds = (performance.now() - start) / 1000;
  expect(whole).toMatchObject({ code: 0, out: expect.stringContaining(`${count} records are as the log has them`) });
  console.log(`vivified audit verify: ${count} records in ${seconds.toFixed(1)} s`);
  expect(seconds, "generous: the machine may be busy").toBeLessThan(60);
  await written.rewrite((lines) => lines.with(77_777, (lines[77_777] ?? "").replace("Granted", "granted")));
  const changed = await audit("verify", written.directory, "--key", signer.vkey, "--json");
  expect(changed.code).toBe(1);
  expect(JSON.parse(changed.out).findings).toMatchObject([{ kind: "record_changed", index: 77_777 }]);
});
