import { isIP } from "node:net";
import { VivifiedError } from "@vivified/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeAddress } from "./address/judge-address.ts";
import { parseDestinationUrl } from "./parse-destination-url.ts";

const refused = (text: string) => {
  try {
    return parseDestinationUrl(text);
  } catch (error) {
    return error instanceof VivifiedError ? error.code : error;
  }
};

describe("parsing a destination", () => {
  it.each([
    ["https://Example.COM/a?b=c", { scheme: "https", host: "example.com", port: 443, path: "/a", query: "b=c" }],
    ["http://example.com:8080", { scheme: "http", host: "example.com", port: 8080, path: "/", query: "" }],
    ["https://example.com./", { host: "example.com" }],
    ["https://bücher.example/", { host: "xn--bcher-kva.example" }],
    ["https://BÜCHER.example/", { host: "xn--bcher-kva.example" }],
    ["https://ｅxample.com/", { host: "example.com" }],
    ["https://example。com/", { host: "example.com" }],
    ["https://[2606:4700::1]:8443/", { host: "2606:4700::1", port: 8443 }],
    ["https://example.com/a/../b/./c", { path: "/b/c" }],
    ["https://example.com/a/%2e%2e/b", { path: "/b" }],
    ["https://example.com/v1/ü", { path: "/v1/%C3%BC" }],
    ["smtp://mail.example", { scheme: "smtp", host: "mail.example", port: 587, path: "/" }],
    ["smtp://mail.example:80/", { port: 80 }],
    ["smtps://MAIL.example", { scheme: "smtps", host: "mail.example", port: 465 }],
    ["smtp://bücher.example:25", { host: "xn--bcher-kva.example", port: 25 }],
    ["SMTP://mail.example.", { scheme: "smtp", host: "mail.example" }],
  ])("reads %s", (text, expected) => {
    expect(parseDestinationUrl(text)).toMatchObject(expected);
  });

  it.each([
    "",
    "example.com",
    "//example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_HELO",
    "javascript:alert(1)",
    "http:example.com",
    "http:/example.com",
    "http:///example.com",
    "http://",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://@example.com/",
    "http://example.com@127.0.0.1/",
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1\\.example.com/",
    "http://example.com/#fragment",
    "http://example.com#@127.0.0.1/",
    "http://example.com /",
    " http://example.com/",
    "http://exam\tple.com/",
    "http://exam\nple.com/",
    "http://example.com/\r\nx: y",
    "http://exam\u00adple.com/",
    "http://exam\u200bple.com/",
    "http://example..com/",
    "http://example.com../",
    "http://.example.com/",
    "http://-example.com/",
    "http://example-.com/",
    "http://exa$mple.com/",
    "http://exa*mple.com/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:8o/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://[::ffff:127.0.0.1.]/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    `http://${"a".repeat(64)}.com/`,
    `http://${"a.".repeat(130)}com/`,
    "http://example.com/a%2fb",
    "http://example.com/a%252Fb",
    "http://example.com/a%5Cb",
    "http://example.com/a%00",
    "http://example.com/v1/%252e%252e/admin",
    "http://example.com/v1/..;/admin",
    "http://example.com/v1/..;x=1/admin",
    "http://example.com/v1/%2e%2e;/admin",
    "http://example.com/v1/..%3b/admin",
    "smtp://mail.example/path",
    "smtp://mail.example?x=1",
    "smtp://user@mail.example",
    "smtp://mail.example#x",
    "smtp://mail.exam%0d%0aple",
    "smtp://mail.example:587@evil.example",
  ])("refuses %j", (text) => {
    expect(refused(text)).toBe("malformed");
  });

  it.each([
    ["http://2130706433/", "127.0.0.1"],
    ["http://0x7f000001/", "127.0.0.1"],
    ["http://0x7f.1/", "127.0.0.1"],
    ["http://0177.0.0.1/", "127.0.0.1"],
    ["http://017700000001/", "127.0.0.1"],
    ["http://127.1/", "127.0.0.1"],
    ["http://127.0.0.1./", "127.0.0.1"],
    ["http://①②⑦.⓪.⓪.①/", "127.0.0.1"],
    ["http://１２７.0.0.1/", "127.0.0.1"],
    ["http://0/", "0.0.0.0"],
    ["http://[::]/", "::"],
    ["http://[::1]/", "::1"],
    ["http://[0:0:0:0:0:0:0:1]/", "::1"],
    ["http://[::127.0.0.1]/", "::7f00:1"],
    ["http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
    ["http://[64:ff9b::10.0.0.1]/", "64:ff9b::a00:1"],
    ["http://[2002:7f00:1::]/", "2002:7f00:1::"],
    ["http://3232235777/", "192.168.1.1"],
    ["http://0xa9fea9fe/", "169.254.169.254"],
    ["http://%31%32%37.0.0.1/", "127.0.0.1"],
    ["smtp://2130706433:25", "127.0.0.1"],
    ["smtp://0x7f.1", "127.0.0.1"],
    ["smtp://[::ffff:10.0.0.1]:25", "::ffff:a00:1"],
  ])("sees through %s to an address that is judged unsafe", (text, host) => {
    expect(parseDestinationUrl(text).host).toBe(host);
    expect(judgeAddress(host).safe).toBe(false);
  });

  it("gives a host that is a plain name or an address, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string().map((text) => `http://${text}/`),
          fc.string(),
        ),
        (text) => {
          const parsed = refused(text);
          if (parsed === "malformed") return;
          const { host, path } = parsed as ReturnType<typeof parseDestinationUrl>;
          expect(isIP(host) > 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host)).toBe(true);
          expect(path).toMatch(/^\/[\x21-\x7e]*$/);
        },
      ),
    );
  });

  it("reads what it gives as the same destination again", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (text) => {
        const parsed = refused(text);
        if (parsed === "malformed") return;
        const { scheme, host, port, path, query } = parsed as ReturnType<typeof parseDestinationUrl>;
        const again = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${path}?${query}`;
        expect(parseDestinationUrl(again)).toEqual(parsed);
      }),
    );
  });
});
