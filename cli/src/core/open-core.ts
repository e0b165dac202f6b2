import { readFile } from "node:fs/promises";
import { AdminApi } from "../platform/admin-api.ts";
import { homePath } from "../platform/home.ts";
import { firstAdmin } from "../platform/platform.ts";
import { isListening } from "../platform/process/until-listening.ts";
import { readNumbers } from "../platform/remembered-numbers.ts";
import type { CoreOptions } from "./core-options.ts";

/** Logs in when it has to. @throws Error when no platform runs there, or a password is missing */
export async function openCore(options: CoreOptions): Promise<AdminApi> {
  return options.url === undefined ? openHome(options) : openAddress(options.url, options);
}

async function openHome(options: CoreOptions): Promise<AdminApi> {
  const home = homePath(options.home);
  const { corePublic: port } = await readNumbers(`${home}/ports.json`);
  if (port === undefined) throw new Error(`no platform was ever started in ${home}; --home or --url names another`);
  if (!(await isListening(port))) throw new Error(`no platform runs in ${home}; start it first (npm start)`);
  const { user: username = firstAdmin, passwordFile = `${home}/secrets/first-admin-password` } = options;
  const password = (await readFile(passwordFile, "utf8")).trim();
  return AdminApi.open({ username, password, port, caFile: options.ca ?? `${home}/ca.pem` });
}

async function openAddress(url: string, { user: username = firstAdmin, passwordFile, ca }: CoreOptions) {
  if (!isPrivate(url)) throw new Error("--url has to begin with https://: a password goes over it");
  if (passwordFile === undefined) throw new Error("--url asks for --password-file");
  const password = (await readFile(passwordFile, "utf8")).trim();
  return AdminApi.open({ username, password, url, ...(ca !== undefined && { caFile: ca }) });
}

/** Encrypted, or on this machine. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}
