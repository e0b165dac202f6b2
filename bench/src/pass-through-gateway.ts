import { Kvm } from "@nats-io/kv";
import { buckets, NodeEntry, pluginSpiffeId, processSpiffeId } from "@vivified/contracts";
import {
  announceReady,
  connectNats,
  createHttpServer,
  createLogger,
  meshDispatcher,
  openSvidSource,
  parseStrictJson,
  runProcess,
  Secret,
} from "@vivified/runtime";
import { Check } from "typebox/value";
import { type Dispatcher, request } from "undici";

/**
 * The floor of the rpc lane: started in the gateway's place with the gateway's environment, it has the same HTTP stack,
 * mTLS, strict JSON and Envoys, and does nothing: no policy, no record, no sanitization, no call token.
 */
await runProcess("gateway", async (stack) => {
  const env = (name: string): string => {
    const value = process.env[`VIVIFIED_GATEWAY_${name}`];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  const logger = createLogger({ process: "gateway", level: "warn" });
  const trustDomain = env("TRUST_DOMAIN");
  const svid = stack.use(
    await openSvidSource({
      spiffeId: processSpiffeId(trustDomain, "gateway"),
      trustDomain,
      directory: `${env("STATE_DIR")}/svid`,
      controlPlaneUrl: env("CONTROL_PLANE_URL"),
      joinTokenFile: env("JOIN_TOKEN_FILE"),
      logger,
    }),
  );
  const password = new Secret((await import("node:fs")).readFileSync(env("NATS_PASSWORD_FILE"), "utf8").trim());
  const user = env("NATS_USER");
  const nats = stack.use(await connectNats({ url: env("NATS_URL"), user, password, name: "floor", logger }));
  const bucket = await new Kvm(nats).open(buckets.nodes);
  const targets = new Map<string, { url: string; dispatcher: Dispatcher }>();

  async function targetOf(plugin: string) {
    const known = targets.get(plugin);
    if (known !== undefined) return known;
    const keys = await bucket.keys(`${plugin}.*`);
    for await (const key of keys) {
      const node = (await bucket.get(key))?.json();
      if (!Check(NodeEntry, node)) continue;
      const mesh = stack.use(meshDispatcher({ svid, expect: pluginSpiffeId(trustDomain, plugin) }));
      const target = { url: `https://${node.host}:${node.port}`, dispatcher: mesh.dispatcher };
      targets.set(plugin, target);
      return target;
    }
    throw new Error(`no node of ${plugin}`);
  }

  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  server.post<{ Params: { plugin: string; operation: string } }>("/gateway/:plugin/:operation", async (call, reply) => {
    const { plugin, operation } = call.params;
    const target = await targetOf(plugin);
    const answer = await request(`${target.url}/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call.body),
      dispatcher: target.dispatcher,
    });
    return reply.code(answer.statusCode).send(parseStrictJson(await answer.body.text()));
  });
  stack.defer(() => server.close());
  await server.listen({ host: "127.0.0.1", port: Number(env("PORT")) });
  announceReady({ process: "gateway" });
});
