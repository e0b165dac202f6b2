import type { RunningPlugin } from "@vivified/cli";
import { Pool } from "undici";

/** The call that is measured: 1 KB in and out, from one plugin's lane to another plugin and back. */
export class MeasuredCall implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #body: string;

  constructor(caller: RunningPlugin) {
    this.#pool = new Pool(`http://127.0.0.1:${caller.ports.lane}`, { connections: 64 });
    this.#body = JSON.stringify({ email: "ada@demo.example", filler: "x".repeat(970) });
  }

  /** @throws Error when the answer is not 200 with the filler whole */
  async once(): Promise<void> {
    const headers = { "content-type": "application/json" };
    const options = { path: "/gateway/bench-target/echo", method: "POST", headers, body: this.#body } as const;
    const { statusCode, body } = await this.#pool.request(options);
    const text = await body.text();
    if (statusCode !== 200 || text.length < 970) throw new Error(`${statusCode} ${text.slice(0, 200)}`);
  }

  /** The answer's text, to see what became of the personal field. */
  async seen(): Promise<string> {
    const headers = { "content-type": "application/json" };
    const options = { path: "/gateway/bench-target/echo", method: "POST", headers, body: this.#body } as const;
    return (await this.#pool.request(options)).body.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }
}
