import { type MailCatcher, openMailCatcher } from "./mail-catcher.ts";
import { type NameServer, openNameServer } from "./name-server.ts";
import { openPreferencesApi, type PreferencesApi } from "./preferences-api.ts";

/** Not 127.0.0.1, so that a grant of this address opens nothing of the platform's own. */
export const outsideAddress = "127.0.0.2";

export const names = {
  mail: "mail.demo.example",
  preferences: "api.preferences.example",
  /** Resolves to a private address, as a name of an attacker's may. */
  intranet: "intranet.demo.example",
} as const;

export type OutsideWorld = AsyncDisposable & {
  readonly mail: MailCatcher;
  readonly preferences: PreferencesApi;
  readonly names: NameServer;
};

/** Everything that the platform's plugins call and that is not the platform: mail, an HTTP API, and names. */
export async function openOutsideWorld(): Promise<OutsideWorld> {
  await using stack = new AsyncDisposableStack();
  const mail = stack.use(await openMailCatcher(outsideAddress));
  const preferences = stack.use(await openPreferencesApi(outsideAddress));
  const zone = { [names.mail]: outsideAddress, [names.preferences]: outsideAddress, [names.intranet]: "10.0.0.7" };
  const nameServer = stack.use(await openNameServer(outsideAddress, zone));
  const kept = stack.move();
  return { mail, preferences, names: nameServer, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
