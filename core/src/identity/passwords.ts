import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { VivifiedError } from "@vivified/runtime";

const deriveKey = promisify(argon2);
/** OWASP's minimum for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 } as const;
const format = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export type PasswordOptions = { readonly concurrent: number; readonly waiting: number };

/**
 * Hashes and checks passwords with argon2id (RFC 9106). Only so many at a time, because each takes memory and a core; when
 * too many wait already, further ones are refused.
 *
 * @throws VivifiedError `rate_limited` 429
 */
export class Passwords {
  readonly #options: PasswordOptions;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: PasswordOptions = { concurrent: 2, waiting: 64 }) {
    this.#options = options;
  }

  /** The PHC string of a password under a fresh salt. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#derive(password, { nonce: salt, ...cost });
    return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(key)}`;
  }

  /** Whether a password is the one that was hashed. Without a hash it does the same work and says no. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const [, memory = "", passes = "", lanes = "", salt = "", tag = ""] = format.exec(hash ?? "") ?? [];
    if (tag === "") {
      await this.#derive(password, { nonce: randomBytes(16), ...cost });
      return false;
    }
    const expected = Buffer.from(tag, "base64");
    const parameters = { memory: Number(memory), passes: Number(passes), parallelism: Number(lanes) };
    const nonce = Buffer.from(salt, "base64");
    return timingSafeEqual(
      await this.#derive(password, { nonce, ...parameters, tagLength: expected.length }),
      expected,
    );
  }

  async #derive(password: string, parameters: { nonce: Buffer } & Record<keyof typeof cost, number>): Promise<Buffer> {
    await this.#enter();
    try {
      return await deriveKey("argon2id", { message: Buffer.from(password.normalize("NFC")), ...parameters });
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#options.concurrent) {
      this.#running += 1;
      return;
    }
    if (this.#queue.length >= this.#options.waiting) throw new VivifiedError("rate_limited");
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  /** Whoever waits takes over the place; only without anybody waiting it becomes free. */
  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
