import { createInterface } from "node:readline";
import type { JsonObject, JsonValue } from "@vivified/contracts";
import type { Supervised } from "../platform/process/supervised.ts";

/** What the puppet answered: either what it got, or the error that stopped it. */
export type Answer = {
  readonly trace_id: string;
  readonly ok?: JsonValue;
  readonly error?: PuppetError;
};

export type PuppetError = {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly status?: number;
  readonly decision_id?: string | null;
  readonly reasons?: readonly { readonly rule: string; readonly message: string; readonly fix: string }[];
};

const timeoutMs = 40_000;

/** `newsletter` on strings: does what it is told, from inside, with what a plugin has and nothing more. */
export class Puppet {
  readonly #write: (line: string) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  /** @throws Error when the plugin was not started with its stdin and stdout open */
  constructor(plugin: Supervised) {
    const { stdin, stdout } = plugin.child.process;
    if (stdin === null || stdout === null) throw new Error("the plugin takes no orders");
    this.#write = (line) => void stdin.write(`${line}\n`);
    createInterface({ input: stdout }).on("line", (line) => this.#hear(JSON.parse(line) as Answer & { id: number }));
  }

  /** @throws Error when no answer comes */
  async obey(order: JsonObject & { do: string }): Promise<Answer> {
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const late = setTimeout(() => reject(new Error(`newsletter did not answer to ${order.do}`)), timeoutMs);
    this.#write(JSON.stringify({ id, ...order }));
    return promise.finally(() => clearTimeout(late));
  }

  #hear({ id, ...answer }: Answer & { id: number }): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
