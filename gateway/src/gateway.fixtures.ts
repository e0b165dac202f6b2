import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pluginSpiffeId, processSpiffeId, type SnapshotDocument } from "@vivified/contracts";
import {
  type Clock,
  createLogger,
  meshDispatcher,
  type NatsConnection,
  provisionNats,
  Secret,
  type Svid,
  systemClock,
} from "@vivified/runtime";
import { testProcessKeyPem, testProcessKeys } from "@vivified/runtime/audit-fixtures";
import { heldSvid, type TestAuthority, testAuthority } from "@vivified/runtime/fixtures";
import { startTestNats, type TestNats, type TestNatsOptions } from "@vivified/runtime/nats-fixtures";
import type { Dispatcher } from "undici";
import { serve } from "./compose.ts";
import type { GatewayConfig } from "./config.ts";
import { startTargetPlugin, type TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { type TestPolicies, testPolicies } from "./policy/test-policies.fixtures.ts";
import { type TestCore, testCore, trustDomain } from "./snapshot/snapshot.fixtures.ts";

export type Reply = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies as they are
  readonly json: any;
};

export type Asking = {
  readonly as?: string | Svid;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers?: Record<string, string>;
  /** Another gateway's. */
  readonly port?: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
};

/** A gateway on a real nats-server and real policies, with real TLS peers on both sides. */
export type TestGateway = AsyncDisposable & {
  readonly nats: TestNats;
  readonly connection: NatsConnection;
  readonly authority: TestAuthority;
  readonly core: TestCore;
  readonly policies: TestPolicies;
  readonly port: number;
  readonly config: GatewayConfig;
  readonly ask: (path: string, asking?: Asking) => Promise<Reply>;
  readonly startTarget: (pluginId: string, instance?: string) => Promise<TargetPlugin>;
  /** Another gateway of the same platform. */
  readonly startAnother: (changes: Partial<GatewayConfig>) => Promise<AsyncDisposable & { readonly port: number }>;
  readonly stop: () => Promise<void>;
};

export type TestGatewayOptions = {
  readonly config?: Partial<GatewayConfig>;
  readonly snapshot?: SnapshotDocument;
  readonly clock?: Clock;
  readonly nats?: TestNatsOptions;
};

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const stack = new AsyncDisposableStack();
  const nats = stack.use(await startTestNats(options.nats));
  const connection = stack.use(await nats.connect("observer"));
  await provisionNats(connection);
  const authority = await testAuthority(trustDomain);
  const policies = testPolicies(connection);
  const core = testCore(connection, await policies.activation("shipped"));
  if (options.snapshot !== undefined) await core.publish(options.snapshot);
  const directory = await mkdtemp(join(tmpdir(), "vivified-gateway-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const config = await testConfig(directory, { core, policies }, options.config);
  const start = async (changes: Partial<GatewayConfig>) => {
    const keys = await processKeysOf(changes.writerId ?? config.writerId, directory);
    return startGateway({ ...config, ...keys, ...changes }, { nats, authority, clock: options.clock ?? systemClock });
  };
  const own = stack.use(await start({}));
  if (options.snapshot !== undefined) await untilPolicy(authority, own.port);
  return {
    nats,
    connection,
    authority,
    core,
    policies,
    config,
    port: own.port,
    ask: (path, asking = {}) => ask(authority, asking.port ?? own.port, path, asking),
    startTarget: (pluginId, instance = "1") => startTarget({ authority, core, stack }, pluginId, instance),
    startAnother: start,
    stop: () => own[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A gateway that was told of a policy takes it within moments. */
async function untilPolicy(authority: TestAuthority, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { json } = await ask(authority, port, "/health", { method: "GET" });
    if (json.checks.policy) return;
    await delay(25);
  }
  throw new Error("the gateway took no policy");
}

async function testConfig(
  directory: string,
  { core, policies }: { readonly core: TestCore; readonly policies: TestPolicies },
  changes: Partial<GatewayConfig> = {},
): Promise<GatewayConfig> {
  const snapshotPublicKeyFile = join(directory, "snapshot.pem");
  await writeFile(snapshotPublicKeyFile, core.publicKeyPem);
  const policyKeysFile = join(directory, "policy-keys.json");
  await writeFile(policyKeysFile, JSON.stringify(Object.fromEntries(policies.signer.keys)));
  return {
    devMode: true,
    trustDomain,
    stateDir: directory,
    logLevel: "silent",
    natsUrl: "",
    natsUser: "test",
    natsPassword: new Secret("unused"),
    host: "127.0.0.1",
    port: 0,
    policyKeysFile,
    controlPlaneUrl: "https://127.0.0.1:1",
    coreUrl: "https://127.0.0.1:1",
    snapshotPublicKeyFile,
    ...(await processKeysOf("test-gateway", directory)),
    digestKey: new Secret("a digest key of a test"),
    writerId: "test-gateway",
    auditChains: 2,
    dnsServers: [],
    insecureAddressRanges: false,
    recordTimeoutMs: 1_000,
    ...changes,
  };
}

/** The files of a gateway's key, as an operator makes them before it starts. */
async function processKeysOf(writer: string, directory: string) {
  const processKeyFile = join(directory, "process.pem");
  await writeFile(processKeyFile, testProcessKeyPem, { mode: 0o600 });
  const processKeysFile = join(directory, `process-keys-${writer}.json`);
  await writeFile(processKeysFile, JSON.stringify(testProcessKeys(writer)));
  return { processKeyFile, processKeysFile };
}

async function startGateway(config: GatewayConfig, on: { nats: TestNats; authority: TestAuthority; clock: Clock }) {
  const stack = new AsyncDisposableStack();
  const svid = heldSvid(await on.authority.issue(processSpiffeId(trustDomain, "gateway")));
  const connection = stack.use(await on.nats.connect(config.writerId));
  const logger = createLogger({ process: "gateway", level: config.logLevel });
  const { port } = await serve(config, { logger, clock: on.clock, svid, connection }, stack);
  return { port, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function startTarget(
  { authority, core, stack }: { authority: TestAuthority; core: TestCore; stack: AsyncDisposableStack },
  pluginId: string,
  instance: string,
): Promise<TargetPlugin> {
  const spiffe_id = pluginSpiffeId(trustDomain, pluginId);
  const target = stack.use(await startTargetPlugin(await authority.issue(spiffe_id)));
  const ready_at = new Date().toISOString();
  const { port } = target;
  await core.putNode({ plugin_id: pluginId, instance, spiffe_id, host: "127.0.0.1", port, ready_at });
  return target;
}

async function ask(authority: TestAuthority, port: number, path: string, asking: Asking): Promise<Reply> {
  const { as = "caller", method = "POST", headers = {}, body } = asking;
  const own = typeof as === "string" ? await authority.issue(pluginSpiffeId(trustDomain, as)) : as;
  const expect = processSpiffeId(trustDomain, "gateway");
  const client = meshDispatcher({ svid: heldSvid({ ...own, bundlePem: authority.bundlePem }), expect });
  await using _ = client;
  const reply = await client.dispatcher.request({
    origin: `https://127.0.0.1:${port}`,
    path,
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: typeof body === "object" ? JSON.stringify(body) : (body ?? null),
  });
  const text = await reply.body.text();
  return { status: reply.statusCode, headers: reply.headers, json: text === "" ? undefined : JSON.parse(text) };
}
