import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

export type CaughtMail = { readonly from: string; readonly to: readonly string[]; readonly mail: Email };
export type MailCatcher = AsyncDisposable & { readonly port: number; readonly caught: readonly CaughtMail[] };

/** A real SMTP server that keeps what it is given. It offers no TLS: reaching it takes a grant that says `insecure`. */
export async function openMailCatcher(host: string): Promise<MailCatcher> {
  const caught: CaughtMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onData: (stream, session, done) => {
      const { mailFrom, rcptTo } = session.envelope;
      buffer(stream)
        .then((raw) => PostalMime.parse(raw))
        .then((mail) => {
          caught.push({ from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address), mail });
          done();
        }, done);
    },
  });
  const listening = server.listen(0, host);
  await once(listening, "listening");
  return {
    port: (listening.address() as AddressInfo).port,
    caught,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
