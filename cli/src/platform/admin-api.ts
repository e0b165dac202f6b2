import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type {
  ApproveRequest,
  CreateUserRequest,
  DecisionPage,
  DecisionQuery,
  JoinTokenReply,
  LoginReply,
  Problem,
  User,
} from "@vivified/contracts";
import type { Static } from "typebox";
import { Agent, request } from "undici";

export type AdminCredentials = { readonly username: string; readonly password: string };
/** Where core is: on this machine, or at an address with a certificate for its name. Without `caFile` the public ones count. */
export type AdminApiOptions = AdminCredentials &
  ({ readonly port: number; readonly caFile: string } | { readonly url: string; readonly caFile?: string });

/** Core refused, or is not there. `problem` is what it said. */
export class AdminApiError extends Error {
  override readonly name = "AdminApiError";
  readonly status: number;
  readonly problem: Problem;

  constructor(what: string, status: number, problem: Problem) {
    const violations = problem.violations?.map(({ pointer, message }) => ` ${pointer} ${message}`).join(",") ?? "";
    super(`${what}: ${status} ${problem.code ?? ""} ${problem.detail ?? problem.title ?? ""}${violations}`.trim());
    this.status = status;
    this.problem = problem;
  }
}

/** Core's API as an admin sees it: logs in when it has to, and again when its token has run out. */
export class AdminApi implements AsyncDisposable {
  readonly #options: AdminApiOptions;
  readonly #agent: Agent;
  #token: { readonly text: string; readonly until: number } | undefined;

  private constructor(options: AdminApiOptions, agent: Agent) {
    this.#options = options;
    this.#agent = agent;
  }

  static async open(options: AdminApiOptions): Promise<AdminApi> {
    const ca = options.caFile === undefined ? {} : { ca: await readFile(options.caFile, "utf8") };
    const here = "port" in options ? { servername: "localhost" } : {};
    return new AdminApi(options, new Agent({ connect: { ...ca, ...here }, connections: 4 }));
  }

  async login(): Promise<LoginReply> {
    const { username, password } = this.#options;
    const reply = await this.#send<LoginReply>("POST", "/auth/login", { username, password });
    this.#token = { text: reply.access_token, until: Date.now() + (reply.expires_in - 30) * 1000 };
    return reply;
  }

  createUser(user: CreateUserRequest): Promise<User> {
    return this.call("POST", "/admin/users", user);
  }

  joinToken(pluginId: string): Promise<Static<typeof JoinTokenReply>> {
    return this.call("POST", `/admin/plugins/${pluginId}/join-token`);
  }

  approve(pluginId: string, grants: ApproveRequest["grants"]): Promise<unknown> {
    return this.call("POST", `/admin/plugins/${pluginId}/approve`, { grants });
  }

  decisions(query: DecisionQuery = {}): Promise<DecisionPage> {
    const pairs = Object.entries(query).map(([key, value]) => [key, String(value)] as [string, string]);
    return this.call("GET", `/admin/decisions?${new URLSearchParams(pairs)}`);
  }

  /** Any route, with the admin's token. @throws AdminApiError for every status but 2xx */
  async call<Reply>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Reply> {
    return this.#send<Reply>(method, path, body, await this.#currentToken());
  }

  /**
   * What a route gives, piece by piece as it comes; breaks off with an error when the answer does, or when nothing comes
   * for a while. @throws AdminApiError for every status but 2xx
   */
  async stream(path: string): Promise<Readable> {
    const token = await this.#currentToken();
    const reply = await request(`${this.#base()}${path}`, {
      dispatcher: this.#agent,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: { authorization: `Bearer ${token}` },
    });
    if (reply.statusCode < 300) return reply.body;
    throw failure(`GET ${path}`, reply.statusCode, await reply.body.text());
  }

  /** What a route gives that is not JSON. @throws AdminApiError for every status but 2xx */
  async download(path: string): Promise<Buffer> {
    const token = await this.#currentToken();
    const reply = await request(`${this.#base()}${path}`, {
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { authorization: `Bearer ${token}` },
    });
    const bytes = Buffer.from(await reply.body.arrayBuffer());
    if (reply.statusCode >= 300) throw failure(`GET ${path}`, reply.statusCode, bytes.toString("utf8"));
    return bytes;
  }

  /** POSTs bytes as they are. @throws AdminApiError for every status but 2xx */
  async upload<Reply>(path: string, bytes: Uint8Array, type: string): Promise<Reply> {
    const token = await this.#currentToken();
    const reply = await request(`${this.#base()}${path}`, {
      method: "POST",
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { authorization: `Bearer ${token}`, "content-type": type },
      body: bytes,
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw failure(`POST ${path}`, reply.statusCode, text);
    return JSON.parse(text) as Reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #currentToken(): Promise<string | undefined> {
    if (this.#token === undefined || Date.now() > this.#token.until) await this.login();
    return this.#token?.text;
  }

  #base(): string {
    return "port" in this.#options ? `https://127.0.0.1:${this.#options.port}` : this.#options.url.replace(/\/$/, "");
  }

  async #send<Reply>(method: string, path: string, body?: unknown, token?: string): Promise<Reply> {
    const reply = await request(`${this.#base()}${path}`, {
      method,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(body === undefined ? {} : json),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await reply.body.text();
    if (reply.statusCode >= 300) throw failure(`${method} ${path}`, reply.statusCode, text);
    return (text === "" ? undefined : JSON.parse(text)) as Reply;
  }
}

const timeoutMs = 20_000;
const json = { "content-type": "application/json" };

function failure(what: string, status: number, text: string): AdminApiError {
  try {
    return new AdminApiError(what, status, JSON.parse(text) as Problem);
  } catch {
    return new AdminApiError(what, status, { detail: text.slice(0, 200) } as Problem);
  }
}
