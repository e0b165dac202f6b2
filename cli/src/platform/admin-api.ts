import type { Readable } from "node:stream";
import type {
  ApproveRequest,
  CreateUserRequest,
  DecisionPage,
  DecisionQuery,
  JoinTokenReply,
  LoginReply,
  User,
} from "@vivified/contracts";
import type { Static } from "typebox";
import { AdminApiError } from "./admin-api-error.ts";
import { type CoreAddress, CoreConnection, type CoreRequest, type StreamOptions } from "./core-connection.ts";

export type AdminCredentials = { readonly username: string; readonly password: string };
export type AdminApiOptions = AdminCredentials & CoreAddress;

/** Core's API as an admin sees it: logs in when it has to, and again when its token has run out. */
export class AdminApi implements AsyncDisposable {
  readonly #credentials: AdminCredentials;
  readonly #core: CoreConnection;
  #token: { readonly text: string; readonly until: number } | undefined;

  private constructor(credentials: AdminCredentials, core: CoreConnection) {
    this.#credentials = credentials;
    this.#core = core;
  }

  static async open(options: AdminApiOptions): Promise<AdminApi> {
    return new AdminApi(options, await CoreConnection.open(options));
  }

  async login(): Promise<LoginReply> {
    const { username, password } = this.#credentials;
    const asked = { method: "POST", path: "/auth/login", ...jsonBody({ username, password }) } as const;
    const reply = parsed<LoginReply>(await this.#core.ask(asked));
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
  async call<Reply>(method: CoreRequest["method"], path: string, body?: unknown): Promise<Reply> {
    const { headers, ...rest } = jsonBody(body);
    return parsed(await this.#core.ask({ method, path, headers: { ...headers, ...(await this.#bearer()) }, ...rest }));
  }

  /** What a route gives that is not JSON. @throws AdminApiError for every status but 2xx */
  async download(path: string): Promise<Buffer> {
    return this.#core.ask({ method: "GET", path, headers: await this.#bearer() });
  }

  /** POSTs bytes as they are. @throws AdminApiError for every status but 2xx */
  async upload<Reply>(path: string, body: Uint8Array, type: string): Promise<Reply> {
    const headers = { "content-type": type, ...(await this.#bearer()) };
    return parsed(await this.#core.ask({ method: "POST", path, headers, body }));
  }

  /**
   * What a route gives, piece by piece as it comes; breaks off with an error when the answer does, or when nothing comes
   * for a while. A token that core no longer takes is replaced once. @throws AdminApiError for every status but 2xx
   */
  async stream(path: string, options: StreamOptions = {}): Promise<Readable> {
    const opened = (bearer: Record<string, string>) =>
      this.#core.stream(path, { ...options, headers: { ...options.headers, ...bearer } });
    const bearer = await this.#bearer();
    try {
      return await opened(bearer);
    } catch (error) {
      if (!(error instanceof AdminApiError && error.status === 401)) throw error;
    }
    await this.login();
    return opened(await this.#bearer());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core[Symbol.asyncDispose]();
  }

  async #bearer(): Promise<Record<string, string>> {
    if (this.#token === undefined || Date.now() > this.#token.until) await this.login();
    return { authorization: `Bearer ${this.#token?.text}` };
  }
}

const jsonBody = (body: unknown): Pick<CoreRequest, "headers" | "body"> =>
  body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };

const parsed = <Reply>(bytes: Buffer): Reply =>
  (bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8"))) as Reply;
