import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EgressWorld, openEgressWorld } from "../egress-world.fixtures.ts";
import { openMailServer } from "../outside.fixtures.ts";
import { sendMail } from "./send-mail.ts";

const stack = new AsyncDisposableStack();
let outside: EgressWorld;

beforeAll(async () => {
  outside = await openEgressWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const proxy: EgressWorld["proxy"] = (...request) => outside.proxy(...request);

function aMail(parts: object = {}) {
  return { from: "Platform <noreply@example.org>", to: ["ada@example.org"], subject: "Hi", text: "Hello", ...parts };
}

const send = (port: number, parts: object = {}, as = "caller", scheme = "smtp") =>
  proxy({ url: `${scheme}://mail.example:${port}`, method: "SEND", body: aMail(parts) }, as);

describe("mail over the egress lane", () => {
  it("is sent after STARTTLS, to everybody it names, without telling of the hidden ones", async () => {
    const parts = { cc: ["Bob <bob@example.org>"], bcc: ["eve@example.org"], headers: { "X-Campaign": "welcome" } };
    const { status, body } = await send(outside.mail.port, { ...parts, html: "<b>Hello</b>", subject: "Grüße" });
    expect([status, body.status_code, body.body.rejected]).toEqual([200, 250, []]);
    const caught = outside.mail.caught.at(-1);
    expect(caught).toMatchObject({ from: "noreply@example.org", secure: true });
    expect(caught?.to).toEqual(["ada@example.org", "bob@example.org", "eve@example.org"]);
    expect(caught?.raw).not.toContain("eve@");
    expect(caught?.raw).toMatch(/^X-Campaign: welcome\r$/m);
    expect(caught?.raw).toMatch(/^From: Platform <noreply@example\.org>\r$/m);
  });

  it("is sent over TLS from the start with smtps", async () => {
    expect((await send(outside.smtps.port, {}, "caller", "smtps")).status).toBe(200);
    expect(outside.smtps.caught.at(-1)?.secure).toBe(true);
  });

  it("is not sent to a server without STARTTLS, unless the grant says so", async () => {
    const { status, body } = await send(outside.plainMail.port);
    expect([status, body.code, outside.plainMail.caught.length]).toEqual([502, "upstream_failed", 0]);
    // `plain` may speak plaintext, but it may not see addresses: it has nobody to send to
    expect((await send(outside.plainMail.port, {}, "plain")).body).toMatchObject({ code: "denied" });
    await outside.gateway.publish(
      outside.document({ grants: [outside.grant("mail.example", { insecure_plaintext_smtp: true })] }),
    );
    expect((await send(outside.plainMail.port)).status).toBe(200);
    await outside.gateway.publish(outside.document());
    expect(outside.plainMail.caught.at(-1)).toMatchObject({ to: ["ada@example.org"], secure: false });
  });

  it("is not sent when policy took away all that it says", async () => {
    const before = outside.mail.caught.length;
    const { status, body } = await send(outside.mail.port, { text: "The record is MRN 1234567." });
    expect([status, body.code, outside.mail.caught.length]).toEqual([403, "denied", before]);
  });

  it("is not sent to a server that cannot prove its name", async () => {
    const { status, body } = await send(outside.strangerMail.port);
    expect([status, body.code, outside.strangerMail.caught.length]).toEqual([502, "upstream_failed", 0]);
  });

  it("tells the SMTP status of a refusal", async () => {
    const refusing = await openMailServer(
      {
        disabledCommands: ["STARTTLS"],
        onRcptTo: (_to, _session, done) => done(Object.assign(new Error("no"), { responseCode: 550 })),
      },
      stack,
    );
    const ports = [...outside.ports, refusing.port];
    await outside.gateway.publish(
      outside.document({ grants: [outside.grant("mail.example", { insecure_plaintext_smtp: true, ports })] }),
    );
    expect((await send(refusing.port)).body).toMatchObject({ code: "upstream_failed", upstream_status: 550 });
    await outside.gateway.publish(outside.document());
  });

  it("fails with nothing of what the server says about people, since causes are logged", async () => {
    const answer = Object.assign(new Error("<ada@example.org> is no user"), { responseCode: 550 });
    const plain = {
      disabledCommands: ["STARTTLS"],
      onRcptTo: (_to: unknown, _session: unknown, done: (no: Error) => void) => done(answer),
    };
    const { port } = await openMailServer(plain, stack);
    const target = { scheme: "smtp", host: "mail.example", port, path: "/", method: "SEND" } as const;
    const mail = { target, address: "127.0.0.2", payload: aMail(), insecurePlaintext: true };
    const failure = await sendMail(mail, { egressTimeoutMs: 5_000 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "upstream_failed", extra: { upstream_status: 550 } });
    const told = inspect(failure, { depth: 9, showHidden: true });
    expect(told).toContain("the mail was not taken (EENVELOPE)");
    expect(told).not.toContain("ada@");
  });

  it.each([
    [{ subject: "Hi\r\nBcc: eve@example.org" }, "/body/subject"],
    [{ to: ["ada@example.org\r\nRCPT TO:<eve@example.org>"] }, "/body/to/0"],
    [{ to: ["ada@example.org, eve@example.org"] }, "/body/to/0"],
    [{ to: ["everybody: ada@example.org;"] }, "/body/to/0"],
    [{ to: ["<ada@example.org> ORCPT=x"] }, "/body/to/0"],
    [{ from: "a@b@c.example" }, "/body/from"],
    [{ from: "Name\nX: y <a@b.example>" }, "/body/from"],
    [{ headers: { Bcc: "eve@example.org" } }, "/body/headers/Bcc"],
    [{ headers: { "X-A\r\nBcc": "eve@example.org" } }, "/body/headers/X-A\r\nBcc"],
    [{ headers: { "X-A": "1\r\nBcc: eve@example.org" } }, "/body/headers/X-A"],
    [{ headers: { "X-Vivified-Decision": "mine" } }, "/body/headers/X-Vivified-Decision"],
    [{ headers: { "Content-Type": "text/html" } }, "/body/headers/Content-Type"],
    [{ text: undefined }, "/body"],
    [{ attachments: [{ path: "/etc/passwd" }] }, "/body"],
    [{ text: { path: "/etc/passwd" } }, "/body/text"],
  ])("is refused with %j", async (parts, pointer) => {
    const before = outside.mail.caught.length;
    const { status, body } = await send(outside.mail.port, parts);
    expect([status, body.code, outside.mail.caught.length]).toEqual([422, "invalid", before]);
    expect(body.violations.map((violation: { pointer: string }) => violation.pointer)).toContain(pointer);
  });
});
