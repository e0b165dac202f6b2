import type { Pdp } from "@vivified/pdp";

/** A PDP in use: disposed once it was retired and its last decision has ended. */
export class HeldPdp {
  readonly activation: number;
  readonly #pdp: Pdp;
  #underWay = 0;
  #retired = false;

  constructor(pdp: Pdp, activation: number) {
    this.#pdp = pdp;
    this.activation = activation;
  }

  readonly decide: Pdp["decide"] = async (entrypoint, input) => {
    this.#underWay += 1;
    try {
      return await this.#pdp.decide(entrypoint, input);
    } finally {
      this.#underWay -= 1;
      await this.#disposeWhenIdle();
    }
  };

  async retire(): Promise<void> {
    this.#retired = true;
    await this.#disposeWhenIdle();
  }

  async #disposeWhenIdle(): Promise<void> {
    if (this.#retired && this.#underWay === 0) await this.#pdp[Symbol.asyncDispose]();
  }
}
