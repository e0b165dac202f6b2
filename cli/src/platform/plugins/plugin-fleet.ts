import { setTimeout as sleep } from "node:timers/promises";
import type { PluginSpec } from "./plugin-spec.ts";
import { type PluginHost, type RunningPlugin, startPlugin } from "./start-plugin.ts";

const patienceMs = 30_000;

/** The plugins of a platform. */
export class PluginFleet implements AsyncDisposable {
  readonly #host: PluginHost;
  readonly #plugins = new Map<string, RunningPlugin>();

  constructor(host: PluginHost) {
    this.#host = host;
  }

  get plugins(): ReadonlyMap<string, RunningPlugin> {
    return this.#plugins;
  }

  async add(spec: PluginSpec): Promise<RunningPlugin> {
    const running = await startPlugin(spec, this.#host);
    this.#plugins.set(spec.id, running);
    return running;
  }

  /** Core knows a plugin once it has registered, so that is waited for. */
  async approve(spec: PluginSpec): Promise<void> {
    await this.#untilStatus(spec.id, (status) => status !== undefined);
    await this.#host.api.approve(spec.id, spec.grants);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#plugins.values()].map((plugin) => plugin[Symbol.asyncDispose]()));
  }

  async #untilStatus(id: string, fits: (status: string | undefined) => boolean): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const known = await this.#host.api
        .call<{ status?: string }>("GET", `/admin/plugins/${id}`)
        .catch(() => undefined);
      if (fits(known?.status)) return;
      if (performance.now() > deadline) throw new Error(`plugin ${id} did not register within ${patienceMs / 1000} s`);
      await sleep(100);
    }
  }
}
