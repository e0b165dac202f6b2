import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bootstrap } from "./bootstrap.ts";
import { someNode } from "./node-settings.fixtures.ts";

/** Compares with a file of `testdata/`; `UPDATE_GOLDEN=1` writes it instead, for a reviewer to read in the diff. */
function expectGolden(name: string, value: unknown): void {
  const path = join(import.meta.dirname, "testdata", `${name}.json`);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  expect(value).toEqual(JSON.parse(readFileSync(path, "utf8")));
}

describe("bootstrap", () => {
  it("is what it was", () => expectGolden("bootstrap", bootstrap(someNode())));

  it("is what it was for a plugin in a namespace", () =>
    expectGolden("bootstrap-namespace", bootstrap(someNode({ networkNamespace: "/run/netns/newsletter" }))));

  it("puts both sockets that touch the plugin in its namespace, and no other", () => {
    const text = JSON.stringify(bootstrap(someNode({ networkNamespace: "/run/netns/newsletter" })));
    expect(text.match(/"network_namespace_filepath":"\/run\/netns\/newsletter"/g)).toHaveLength(2);
  });
});
