import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Import, importsOf, type Part, partOf, sourceFiles } from "./imports.ts";

const root = join(import.meta.dirname, "../..");
const files = sourceFiles(root);
const imports = files.flatMap((file) => importsOf(root, file));
const isTest = (path: string) => /\.(?:test|fixtures)\.ts$|\/(?:testdata|fixtures)\//.test(path);

/** The import table of ARCHITECTURE.md. `bench` and `test` drive the whole and may import anything. */
const mayImport: Record<Exclude<Part, "bench" | "test">, readonly Part[]> = {
  contracts: [],
  runtime: ["contracts"],
  pdp: ["contracts", "runtime"],
  tlog: ["contracts", "runtime"],
  core: ["contracts", "runtime", "tlog", "pdp"],
  gateway: ["contracts", "runtime", "pdp"],
  "control-plane": ["contracts", "runtime"],
  envoy: ["contracts", "runtime"],
  "sdk/typescript": ["contracts"],
  "plugins/user-management": ["sdk/typescript"],
  "plugins/email-gateway": ["sdk/typescript"],
  "plugins/workflow-orchestrator": ["sdk/typescript"],
  "plugins/newsletter": ["sdk/typescript"],
  cli: ["contracts", "runtime", "tlog", "pdp", "sdk/typescript"],
};

const tableHas = (part: Part): part is keyof typeof mayImport => part in mayImport;
const show = ({ file, target }: Import) => `${file} → ${target}`;

describe("the import table", () => {
  it("is held by every import line", () => {
    const strays = imports.filter(({ file, target }) => {
      const [from, to] = [partOf(file), partOf(target)];
      if (from === undefined || to === undefined || from === to || !tableHas(from)) return false;
      return !mayImport[from].includes(to) && !(isTest(file) && isMeshFixture(from, to));
    });
    expect(strays.map(show)).toEqual([]);
  });

  it("lets the SDK take types only from the contracts", () => {
    const values = imports.filter(
      ({ file, target, typeOnly }) => file.startsWith("sdk/typescript/") && partOf(target) === "contracts" && !typeOnly,
    );
    expect(values.map(show)).toEqual([]);
  });

  it("covers every part that has code", () => {
    const seen = new Set(files.map(partOf));
    expect([...seen].filter((part) => part === undefined)).toEqual([]);
    expect(seen.size).toBeGreaterThan(10);
  });
});

/** The mesh is tested as a whole: the control plane's tests start real node agents, and the other way round. */
function isMeshFixture(from: Part, to: Part): boolean {
  const mesh: readonly Part[] = ["control-plane", "envoy"];
  return mesh.includes(from) && mesh.includes(to);
}

describe("inside the parts", () => {
  it("keeps lanes apart", () => {
    const laneOf = (path: string) => /^gateway\/src\/lanes\/([a-z]+)\//.exec(path)?.[1];
    const crossing = imports.filter(({ file, target }) => {
      const [from, to] = [laneOf(file), laneOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    });
    expect(crossing.map(show)).toEqual([]);
  });

  it("lets a domain of core reach another only through its index", () => {
    const domainOf = (path: string) => /^core\/src\/(?!database\/)([a-z-]+)\//.exec(path)?.[1];
    const crossing = imports.filter(({ file, target }) => {
      const [from, to] = [domainOf(file), domainOf(target)];
      if (from === undefined || to === undefined || from === to || isTest(file) || isTest(target)) return false;
      return !target.endsWith("/index.ts");
    });
    expect(crossing.map(show)).toEqual([]);
  });

  it("mints permits in enforce and nowhere else", () => {
    const minting = imports.filter(({ file }) => partOf(file) === "gateway").map(({ file }) => file);
    const users = [...new Set(minting)].filter((file) => /\bmint\b/.test(importedNames(file)));
    expect(users.filter((file) => !isTest(file))).toEqual(["gateway/src/pep/enforce.ts"]);
  });

  it("imports the permit module by name, so that nobody mints through a namespace or a re-export", () => {
    const sideways =
      /\*\s*(?:as\s+\w+\s+)?from\s*["'][^"']*permit\.ts["']|import\(\s*["'][^"']*permit\.ts|export\s*\{[^}]*\}\s*from\s*["'][^"']*permit\.ts/;
    const users = files.filter((file) => partOf(file) === "gateway" && !isTest(file));
    expect(users.filter((file) => sideways.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
  });

  it("has no drawer", () => {
    expect(files.filter((path) => /\/(?:utils?|helpers?|common|misc|shared|lib)(?:\/|\.ts$)/.test(path))).toEqual([]);
  });

  it("reads the environment in main.ts and in the configuration, nowhere else", () => {
    const servers = ["core", "gateway", "control-plane", "envoy", "pdp", "tlog", "contracts"];
    const readers = files.filter((path) => servers.includes(partOf(path) ?? "") && !isTest(path));
    const offenders = readers.filter((path) => readFileSync(join(root, path), "utf8").includes("process.env"));
    expect(offenders.filter((path) => !/\/(?:main|config|load-[a-z-]+-config)\.ts$/.test(path))).toEqual([]);
  });
});

/** The names in the import clauses of a file that mention the permit module. */
function importedNames(file: string): string {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/import\s*(?:type\s*)?\{([^}]*)\}\s*from\s*["'][^"']*permit\.ts["']/g)].join(" ");
}
