import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@vivified/cli";
import type { DecisionRow, Role } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Command, type DevEnv, openDevEnv } from "../src/index.ts";

const password = "a password of many words";

/** People at terminals, who read what a real platform decides. */
describe("the decision log in a terminal", () => {
  const stack = new AsyncDisposableStack();
  let env: DevEnv;
  let passwordFile: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "viv-reader-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    passwordFile = join(folder, "password");
    await writeFile(passwordFile, password);
    env = stack.use(await openDevEnv());
    for (const role of ["auditor", "viewer"] as const) await person(role);
  }, 120_000);
  afterAll(() => stack.disposeAsync());

  const person = (role: Role) =>
    env.platform.api.createUser({
      ...{ username: role, email: `${role}@demo.example`, full_name: role, password, roles: [role] },
    });

  /** `vivified decisions …` as somebody. */
  const decisions = (user: string, ...args: readonly string[]) =>
    new Command([
      "decisions",
      ...args,
      "--home",
      env.platform.home.path,
      "--user",
      user,
      "--password-file",
      passwordFile,
    ]);

  /** Health data from a plugin that may not handle it; the id of the decision that denies it. */
  async function deny(): Promise<string> {
    const payload = { patient_id: "p-1", diagnosis: "D" };
    const { error } = await env.newsletter.obey({ do: "publish", type: "PatientDataUpdated", payload, traits: [] });
    expect(error).toMatchObject({ status: 403, code: "denied" });
    return error?.decision_id ?? "";
  }

  const rowsOf = ({ output }: Command): readonly DecisionRow[] =>
    output
      .split("\n")
      .filter((line) => /^\{.*\}$/.test(line))
      .map((line) => JSON.parse(line));
  const idsOf = (command: Command) => rowsOf(command).map((row) => row.decision_id);
  const told = (tail: Command, id: string) =>
    until(`the tail did not tell ${id}:\n${tail.output}`, async () => idsOf(tail).includes(id) || undefined, patience);
  const patience = { timeoutMs: 60_000 };

  /** Ends core without a warning, and waits until the platform knows. */
  async function killCore(): Promise<void> {
    const ends = () => env.events.filter((event) => event.type === "exited" && event.process === "core").length;
    const before = ends();
    process.kill(env.platform.processes.core.child.process.pid ?? 0, "SIGKILL");
    await until("core did not end", async () => ends() > before || undefined, patience);
  }

  it("is followed through a core that is killed and comes back: nothing left out, nothing twice", async () => {
    const tail = decisions("auditor", "tail", "--caller", "newsletter", "--effect", "deny", "--json");
    const opened = async () => {
      const { decisions: found } = await env.platform.api.call<{ decisions: readonly DecisionRow[] }>(
        "GET",
        "/admin/decisions?rule=audit.tail_opened",
      );
      return found.length > 0 || undefined;
    };
    await until("no tail was opened", opened, patience);
    const ids = [await deny(), await deny()];
    await told(tail, ids[1] ?? "");
    await killCore();
    ids.push(await deny(), await deny());
    await told(tail, ids[3] ?? "");
    ids.push(await deny());
    await told(tail, ids[4] ?? "");
    expect(idsOf(tail)).toEqual(ids);
    expect(tail.output.match(/! core cannot be followed/g)).toHaveLength(1);
    expect(tail.output.match(/! core is followed again/g)).toHaveLength(1);
    expect(await tail.end("SIGINT")).toBe(0);
  }, 150_000);

  it("is searched and explained by an auditor, with the policies that decided", async () => {
    const id = await deny();
    const found = async () => {
      const search = decisions("auditor", "search", "--rule", "events.publisher_trait", "--json");
      expect(await search.exit(), search.output).toBe(0);
      return idsOf(search).includes(id) || undefined;
    };
    await until("the search did not find it", found, patience);
    const explained = decisions("auditor", "explain", id);
    expect(await explained.exit(), explained.output).toBe(0);
    expect(explained.output).toMatch(/^deny {2}newsletter → publish → PatientDataUpdated\n/);
    expect(explained.output).toContain("✗ events.publisher_trait");
    expect(explained.output).toContain("the log, the interpreter and the engine agree");
  }, 90_000);

  it("is closed to whoever may not read it, and told as a refusal", async () => {
    const id = await deny();
    for (const args of [["search"], ["tail"], ["explain", id]]) {
      const refused = decisions("viewer", ...args);
      expect([args, await refused.exit()]).toEqual([args, 2]);
      expect(refused.output).toContain("403 denied");
    }
  }, 60_000);
});
