import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { opa, ourBundle } from "../bundle/policies.fixtures.ts";
import { CaseFile } from "./case-file.ts";
import { judgeCases } from "./judge-cases.ts";
import { parseCases } from "./parse-cases.ts";

const page = await readFile(fileURLToPath(new URL("../../../docs/reference/policy-cases.md", import.meta.url)), "utf8");
const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];

describe("docs/reference/policy-cases.md", () => {
  it("shows cases that hold on both engines", async () => {
    const { cases, faults } = parseCases(example, "policy-cases.md");
    expect(faults).toEqual([]);
    const judged = await judgeCases({ opa, bundle: await ourBundle() }, cases);
    expect(judged.map(({ interpreter, wasm }) => [...interpreter, ...wasm])).toEqual([[], [], []]);
  });

  it("lists every member of a case and of what it expects", () => {
    const { properties } = CaseFile.properties.cases.items;
    const members = Object.keys(properties).filter((name) => name !== "expect");
    const expected = Object.keys(properties.expect.properties).map((name) => `expect.${name}`);
    const listed = [...page.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual([...members, ...expected].toSorted());
  });
});

describe("a case that does not hold", () => {
  it("is complained of by each engine, in what it expects and finds", async () => {
    const { cases } = parseCases(example.replace("action: redact", "action: mask"), "policy-cases.md");
    const [first] = await judgeCases({ opa, bundle: await ourBundle() }, cases);
    const complaint = "obligations: expected mask /email, and got redact /email";
    expect([first?.interpreter, first?.wasm]).toEqual([[complaint], [complaint]]);
  });

  it("does not hold when the engines say different things, however right each is", async () => {
    const bundle = await ourBundle();
    const path = "vivified/rpc/reply/reply.rego";
    const other = bundle.sources.get(path)?.replace("title: The operation is granted", "title: Another reason") ?? "";
    const sources = new Map([...bundle.sources, [path, other]]);
    const { cases } = parseCases(example, "policy-cases.md");
    const [first] = await judgeCases({ opa, bundle: { ...bundle, sources } }, cases);
    expect([first?.interpreter, first?.wasm]).toEqual([
      [],
      [expect.stringMatching(/^the engines disagree: .*Another/)],
    ]);
  });
});
