import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireAccounts } from "./require-accounts.ts";

let store: string;

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), "vivified-store-"));
});
afterAll(() => rm(store, { recursive: true, force: true }));

it("lets a store be that is new or has accounts, and not one from before", async () => {
  await requireAccounts(join(store, "absent"));
  await mkdir(join(store, "jetstream", "PLATFORM", "streams"), { recursive: true });
  await requireAccounts(store);
  await mkdir(join(store, "jetstream", "$G", "streams"), { recursive: true });
  await expect(requireAccounts(store)).rejects.toThrow("docs/how-to/upgrade.md");
});
