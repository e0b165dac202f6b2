import { createPublicKey, X509Certificate } from "node:crypto";
import { pluginSpiffeId, processSpiffeId, type SpiffeId } from "@vivified/contracts";
import { svidOf } from "@vivified/runtime";
import {
  BasicConstraintsExtension,
  X509Certificate as Certificate,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from "@vivified/runtime/x509";
import { beforeAll, describe, expect, it } from "vitest";
import { acceptCsr } from "./accept-csr.ts";
import { aCsr, aKeyPair, anAuthority, aPublicKey } from "./authority.fixtures.ts";
import type { Authority } from "./authority.ts";
import { issueSvid } from "./issue-svid.ts";

const rules = { ttlSeconds: 3600, processHosts: ["localhost", "127.0.0.1"] };
const plugin = pluginSpiffeId("vivified.local", "newsletter");

describe("issueSvid", () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await anAuthority();
  });

  async function leafFor(spiffeId: SpiffeId, now = new Date()): Promise<X509Certificate> {
    const order = { spiffeId, publicKey: await aPublicKey(), now };
    return new X509Certificate((await issueSvid(authority, order, rules)).chainPem);
  }

  it("gives a plugin its identity and no other name", async () => {
    const leaf = await leafFor(plugin);
    expect(leaf.subjectAltName).toBe(`URI:${plugin}`);
    expect(leaf.subject ?? "").toBe("");
    expect(svidOf(leaf)?.id).toBe(plugin);
  });

  it("gives our own processes the names they are reached by", async () => {
    const leaf = await leafFor(processSpiffeId("vivified.local", "gateway"));
    expect(leaf.subjectAltName).toBe("URI:spiffe://vivified.local/gateway, DNS:localhost, IP Address:127.0.0.1");
  });

  it("is a leaf for servers and clients, signed by the root", async () => {
    const leaf = await leafFor(plugin);
    const root = new X509Certificate(authority.bundle);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
  });

  it("says what X509-SVID wants of a leaf: no CA, signs nothing, and its name is not to be overlooked", async () => {
    const leaf = new Certificate((await leafFor(plugin)).raw);
    expect(leaf.getExtension(BasicConstraintsExtension)).toMatchObject({ ca: false, critical: true });
    expect(leaf.getExtension(KeyUsagesExtension)).toMatchObject({
      usages: KeyUsageFlags.digitalSignature,
      critical: true,
    });
    expect(leaf.getExtension(SubjectAlternativeNameExtension)?.critical).toBe(true);
  });

  it("begins a minute ago and ends after its time to live", async () => {
    const now = new Date("2026-11-21T12:00:00.000Z");
    const leaf = await leafFor(plugin, now);
    expect(leaf.validFromDate).toEqual(new Date("2026-11-21T11:59:00.000Z"));
    expect(leaf.validToDate).toEqual(new Date("2026-11-21T13:00:00.000Z"));
  });

  it("never outlives the root", async () => {
    const end = authority.certificate.notAfter;
    const leaf = await leafFor(plugin, new Date(end.getTime() - 60_000));
    expect(leaf.validToDate).toEqual(end);
  });

  it("signs nothing once the root has expired", async () => {
    await expect(leafFor(plugin, authority.certificate.notAfter)).rejects.toMatchObject({ code: "internal" });
  });

  it("signs nothing for another trust domain", async () => {
    await expect(leafFor(pluginSpiffeId("other.example", "newsletter"))).rejects.toMatchObject({ code: "internal" });
  });

  it("gives every leaf 128 random bits of serial number", async () => {
    const serials = await Promise.all([1, 2, 3, 4].map(async () => (await leafFor(plugin)).serialNumber));
    expect(new Set(serials).size).toBe(4);
    for (const serial of serials) expect(serial).toMatch(/^01[0-9A-F]{32}$/);
  });
});

describe("acceptCsr", () => {
  it("takes the key and leaves the names", async () => {
    const keys = await aKeyPair();
    const key = await acceptCsr(await aCsr({ keys, claims: [processSpiffeId("vivified.local", "core")] }));
    const wanted = await crypto.subtle.exportKey("spki", keys.publicKey);
    expect(Buffer.from(key.rawData)).toEqual(Buffer.from(wanted));
    expect(createPublicKey(key.toString("pem")).asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  });

  it("refuses another curve", async () => {
    await refuses(await aCsr({ keys: await aKeyPair("P-384") }));
  });

  it("refuses a request that its own key did not sign", async () => {
    const der = Buffer.from((await aCsr()).replace(/-----[^-]+-----/g, ""), "base64");
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const pem = der.toString("base64");
    await refuses(`-----BEGIN CERTIFICATE REQUEST-----\n${pem}\n-----END CERTIFICATE REQUEST-----`);
  });

  it.each(["", "nonsense", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"])(
    "refuses %j",
    (text) => refuses(text),
  );

  it("refuses two requests at once", async () => refuses((await aCsr()) + (await aCsr())));

  async function refuses(pem: string): Promise<void> {
    await expect(acceptCsr(pem)).rejects.toMatchObject({ code: "invalid_csr" });
  }
});
