import type { AdminPlugin } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { until } from "../until.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { type PluginHost, type RunningPlugin, startPlugin } from "./start-plugin.ts";
import { untilReachable } from "./until-reachable.ts";

const timeoutMs = 30_000;

type AdminPluginList = { readonly plugins: readonly AdminPlugin[] };

/** The plugins of a platform. */
export class PluginFleet implements AsyncDisposable {
  readonly #host: PluginHost;
  readonly #nats: NatsConnection;
  readonly #added = new Map<string, RunningPlugin>();

  constructor(host: PluginHost, nats: NatsConnection) {
    this.#host = host;
    this.#nats = nats;
  }

  get plugins(): ReadonlyMap<string, RunningPlugin> {
    return this.#added;
  }

  async add(spec: PluginSpec): Promise<RunningPlugin> {
    const running = await startPlugin(spec, this.#host);
    this.#added.set(spec.id, running);
    return running;
  }

  /** Core knows a plugin once it has registered, and the gateway reaches it once its Envoy has what approval brings. */
  async approve({ id, grants }: PluginSpec): Promise<void> {
    await until(`plugin ${id} did not register`, () => this.#registered(id), { timeoutMs, everyMs: 250 });
    await this.#host.api.approve(id, grants);
    await untilReachable(id, { nats: this.#nats, timeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#added.values()].map((plugin) => plugin[Symbol.asyncDispose]()));
  }

  async #registered(id: string): Promise<AdminPlugin | undefined> {
    const known = await this.#host.api.call<AdminPluginList>("GET", "/admin/plugins");
    return known.plugins.find((plugin) => plugin.id === id);
  }
}
