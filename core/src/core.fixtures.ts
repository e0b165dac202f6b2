import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onBehalfOfHeader } from "@vivified/contracts";
import { resealBundle, shippedBundle, type TestSigner, testSigner } from "@vivified/pdp/fixtures";
import { meshDispatcher, provisionNats, writeSvid } from "@vivified/runtime";
import { testProcessKeyPem } from "@vivified/runtime/audit-fixtures";
import { heldSvid, type TestAuthority, testAuthority } from "@vivified/runtime/fixtures";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { Agent, type Dispatcher, request } from "undici";
import { expect } from "vitest";
import { openEnrolment } from "./audit/enrol.fixtures.ts";
import { compose } from "./compose.ts";
import { coreConfig } from "./config.ts";
import { type PostgresOptions, startPostgres, type TestPostgres } from "./postgres.fixtures.ts";
import { type Program, startProgram, until } from "./process.fixtures.ts";

/** Waits for what must come true; generous, since test machines are busy. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

export const adminPassword = "correct horse battery staple";
const gatewayId = "spiffe://vivified.local/gateway";
const coreId = "spiffe://vivified.local/core";

export type Answer = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
};

export type Ask = {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly headers?: { readonly [name: string]: string };
};

/** Real PostgreSQL, NATS and policies, a certificate authority, and core's environment; core itself is not started. */
export class TestGround implements AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly nats: TestNats;
  readonly authority: TestAuthority;
  readonly directory: string;
  readonly env: Record<string, string>;
  /** Whose policy bundles core believes. */
  readonly policySigner: TestSigner;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<TestGround, "postgres" | "nats" | "authority" | "directory" | "env" | "policySigner">,
    stack: AsyncDisposableStack,
  ) {
    ({
      postgres: this.postgres,
      nats: this.nats,
      authority: this.authority,
      directory: this.directory,
      env: this.env,
      policySigner: this.policySigner,
    } = parts);
    this.#stack = stack;
  }

  static async open(overrides: Record<string, string> = {}, on: PostgresOptions = {}): Promise<TestGround> {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "vivified-core-"));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const authority = await testAuthority();
    await writeSvid(join(directory, "state"), await authority.issue(coreId));
    const postgres = stack.use(await startPostgres(on));
    const nats = stack.use(await startTestNats());
    await using installer = await nats.connect("installer");
    await provisionNats(installer);
    const policySigner = testSigner();
    await writeFile(
      join(directory, "bundle.tar.gz"),
      await resealBundle(await shippedBundle(), {}, policySigner.signer),
    );
    await openEnrolment(nats.port, join(directory, "process-keys.json"));
    await writeFile(join(directory, "process.pem"), testProcessKeyPem, { mode: 0o600 });
    await writeFile(join(directory, "policy-keys.json"), JSON.stringify(Object.fromEntries(policySigner.keys)));
    const env = { ...(await environment(directory, nats, await postgres.createDatabase())), ...overrides };
    return new TestGround({ postgres, nats, authority, directory, env, policySigner }, stack.move());
  }

  /** What the gateway has: its SVID's mTLS client. */
  async meshClient(spiffeId = gatewayId): Promise<Dispatcher> {
    const svid = heldSvid(await this.authority.issue(spiffeId));
    return this.#stack.use(meshDispatcher({ svid, expect: coreId as never })).dispatcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function environment(directory: string, nats: TestNats, databaseUrl: string): Promise<Record<string, string>> {
  const key = async (name: string) => {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    await writeFile(join(directory, name), pem, { mode: 0o600 });
    return join(directory, name);
  };
  return {
    VIVIFIED_CORE_DEV_MODE: "true",
    VIVIFIED_CORE_LOG_LEVEL: process.env.CORE_TEST_LOG ?? "silent",
    VIVIFIED_CORE_STATE_DIR: join(directory, "state"),
    VIVIFIED_CORE_PUBLIC_PORT: "0",
    VIVIFIED_CORE_MESH_PORT: "0",
    VIVIFIED_CORE_NATS_URL: nats.url,
    VIVIFIED_CORE_NATS_USER: nats.user,
    VIVIFIED_CORE_NATS_PASSWORD: nats.password,
    VIVIFIED_CORE_DATABASE_URL: databaseUrl,
    VIVIFIED_CORE_POLICY_BUNDLE_FILE: join(directory, "bundle.tar.gz"),
    VIVIFIED_CORE_POLICY_KEYS_FILE: join(directory, "policy-keys.json"),
    VIVIFIED_CORE_CONTROL_PLANE_URL: "https://127.0.0.1:1",
    VIVIFIED_CORE_GATEWAY_URL: "https://127.0.0.1:1",
    VIVIFIED_CORE_SNAPSHOT_KEY_FILE: await key("snapshot.pem"),
    VIVIFIED_CORE_PROCESS_KEY_FILE: join(directory, "process.pem"),
    VIVIFIED_CORE_PROCESS_KEYS_FILE: join(directory, "process-keys.json"),
    VIVIFIED_CORE_TOKEN_KEY_FILE: await key("token.pem"),
    VIVIFIED_CORE_AUDIT_LOG_KEY_FILE: await key("audit-log.pem"),
    VIVIFIED_CORE_AUDIT_LOG_DIR: join(directory, "audit-log"),
    VIVIFIED_CORE_AUDIT_LOG_INTERVAL_MS: "200",
    VIVIFIED_CORE_FIRST_ADMIN_PASSWORD: adminPassword,
  };
}

/** A core in this process, and clients for people and for the gateway. */
export class TestCore implements AsyncDisposable {
  readonly publicUrl: string;
  readonly meshUrl: string;
  readonly ground: TestGround;
  readonly #stack: AsyncDisposableStack;
  /** A client as people have it. */
  readonly people: Dispatcher;
  readonly #gateway: Dispatcher;

  private constructor(
    ground: TestGround,
    urls: { publicUrl: string; meshUrl: string },
    rest: [AsyncDisposableStack, Agent, Dispatcher],
  ) {
    this.ground = ground;
    this.publicUrl = urls.publicUrl;
    this.meshUrl = urls.meshUrl;
    [this.#stack, this.people, this.#gateway] = rest;
  }

  static async start(ground: TestGround, overrides: Record<string, string> = {}): Promise<TestCore> {
    await using stack = new AsyncDisposableStack();
    const urls = await compose(coreConfig({ ...ground.env, ...overrides }), stack);
    const people = new Agent({ connect: { ca: ground.authority.bundlePem, checkServerIdentity: () => undefined } });
    stack.defer(() => people.destroy());
    return new TestCore(ground, urls, [stack.move(), people, await ground.meshClient()]);
  }

  /** As a person: `ask("POST /admin/users", { token, body })`. */
  ask(route: string, ask: Ask = {}): Promise<Answer> {
    return send(this.publicUrl, this.people, route, ask);
  }

  /** As the gateway, on behalf of a plugin. */
  askAs(plugin: string, route: string, ask: Ask = {}): Promise<Answer> {
    const headers = { [onBehalfOfHeader]: `spiffe://vivified.local/plugin/${plugin}`, ...ask.headers };
    return send(this.meshUrl, this.#gateway, route, { ...ask, headers });
  }

  async logIn(username = "admin", password = adminPassword): Promise<string> {
    const answer = await this.ask("POST /auth/login", { body: { username, password } });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body.access_token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

export async function send(base: string, dispatcher: Dispatcher, route: string, ask: Ask): Promise<Answer> {
  const [method = "GET", path = "/"] = route.split(" ");
  const text = ask.text ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body));
  const headers = {
    ...(text !== undefined && { "content-type": "application/json" }),
    ...(ask.token !== undefined && { authorization: `Bearer ${ask.token}` }),
    ...ask.headers,
  };
  const reply = await request(new URL(path, base), {
    method: method as Dispatcher.HttpMethod,
    dispatcher,
    headers,
    body: text ?? null,
  });
  const answer = await reply.body.text();
  const isJson = /[/+]json/.test(String(reply.headers["content-type"]));
  return { status: reply.statusCode, headers: reply.headers, body: isJson ? JSON.parse(answer) : answer };
}

/** Core as its own process, so that it can be killed. */
export async function startCoreProcess(
  ground: TestGround,
): Promise<{ readonly program: Program; readonly publicUrl: string }> {
  const main = join(import.meta.dirname, "main.ts");
  const env = { ...process.env, ...ground.env, VIVIFIED_CORE_LOG_LEVEL: "info" };
  const program = startProgram(process.execPath, [main], { env });
  const publicUrl = await until(async () => {
    if (program.ended) throw new Error(program.output);
    const ready = program.output.split("\n").find((line) => line.includes('"msg":"ready"'));
    return ready !== undefined && String(JSON.parse(ready).public_url);
  }, 30_000);
  return { program, publicUrl };
}
