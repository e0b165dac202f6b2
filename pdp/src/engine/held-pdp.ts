import type { FieldDictionary } from "../payload/dictionary.ts";
import type { Pdp } from "./open-pdp.ts";

/** A PDP in use: disposed once it was retired and its last decision has ended. */
export class HeldPdp {
  /** The activation that put it in force. */
  readonly activation: number;
  readonly #pdp: Pdp;
  #underWay = 0;
  #retired = false;

  constructor(pdp: Pdp, activation: number) {
    this.#pdp = pdp;
    this.activation = activation;
  }

  readonly decide: Pdp["decide"] = async (...asked) => {
    this.#underWay += 1;
    try {
      return await this.#pdp.decide(...asked);
    } finally {
      this.#underWay -= 1;
      await this.#disposeWhenIdle();
    }
  };

  get revision(): string {
    return this.#pdp.revision;
  }

  get dictionary(): FieldDictionary {
    return this.#pdp.dictionary;
  }

  /** No more decisions are asked of it; it goes when the last one has its answer. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.#disposeWhenIdle();
  }

  async #disposeWhenIdle(): Promise<void> {
    if (this.#retired && this.#underWay === 0) await this.#pdp[Symbol.asyncDispose]();
  }
}
