import { type BundleKeys, HeldPdp, openBundle, openPdp, type Pdp, type PdpOptions } from "@vivified/pdp";
import { type Logger, VivifiedError } from "@vivified/runtime";
import type { PolicyStore } from "./policy-store.ts";

export type ActivePdpDeps = {
  readonly policies: Pick<PolicyStore, "active" | "archive">;
  readonly keys: BundleKeys;
  readonly logger: Logger;
};

/**
 * Core's own door to policy. It follows the activation in the database; decisions under way end under the policy they
 * began with, and what cannot be opened leaves the one before in force.
 */
export class ActivePdp implements AsyncDisposable {
  readonly #deps: ActivePdpDeps;
  #held: HeldPdp | undefined;
  #refused: number | undefined;

  constructor(deps: ActivePdpDeps) {
    this.#deps = deps;
  }

  /** True once a policy is in force here. */
  get ready(): boolean {
    return this.#held !== undefined;
  }

  /** Never rejects but without a policy. @throws VivifiedError `policy_missing` 503 */
  readonly decide: Pdp["decide"] = async (entrypoint, input) => {
    if (this.#held === undefined) throw new VivifiedError("policy_missing");
    return this.#held.decide(entrypoint, input);
  };

  /** One turn: takes the activation in force when it is another one. */
  async turn(): Promise<void> {
    const active = await this.#deps.policies.active();
    if (active === undefined || active.id === this.#held?.activation) return;
    const pdp = await this.#open(active.id, active.revision);
    if (pdp === undefined) return;
    const before = this.#held;
    this.#held = new HeldPdp(pdp, active.id);
    this.#deps.logger.info({ activation: active.id, revision: active.revision }, "policy in force");
    await before?.retire();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.retire();
  }

  async #open(activation: number, revision: string): Promise<Pdp | undefined> {
    const { policies, keys, logger } = this.#deps;
    try {
      const archive = (await policies.archive(revision)) ?? Buffer.alloc(0);
      return await openPdp({ bundle: await openBundle(archive, { keys }), onFailure: tellFailure(logger) });
    } catch (error) {
      if (error instanceof VivifiedError && error.code === "database_unavailable") throw error;
      if (this.#refused !== activation) logger.error({ err: error, activation, revision }, "policy refused");
      this.#refused = activation;
      return undefined;
    }
  }
}

function tellFailure(logger: Logger): NonNullable<PdpOptions["onFailure"]> {
  return ({ entrypoint, rule, cause }) => logger.error({ entrypoint, rule, err: cause }, "policy failed");
}
