import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { addressInRanges } from "./address-in-ranges.ts";
import { judgeAddress } from "./judge-address.ts";
import { specialPurposeRanges } from "./special-purpose-ranges.ts";

const safe = (text: string) => judgeAddress(text).safe;

describe("judging an address", () => {
  it.each([
    "8.8.8.8",
    "1.1.1.1",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "168.63.129.15",
    "192.0.1.1",
    "223.255.255.254",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "2001:4860:4860::8888",
    "64:ff9b::8.8.8.8",
    "::ffff:8.8.8.8",
  ])("calls %s safe", (address) => {
    expect(safe(address)).toBe(true);
  });

  it.each([
    ["0.0.0.0", "this network"],
    ["0.1.2.3", "this network"],
    ["10.0.0.7", "private use"],
    ["100.64.0.1", "shared address space"],
    ["100.100.100.200", "shared address space"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["168.63.129.16", "Azure platform channel"],
    ["169.254.169.254", "link local"],
    ["172.16.0.1", "private use"],
    ["172.31.255.255", "private use"],
    ["192.0.0.8", "IETF protocol assignments"],
    ["192.0.0.192", "IETF protocol assignments"],
    ["192.0.2.1", "documentation"],
    ["192.31.196.1", "AS112"],
    ["192.52.193.1", "AMT"],
    ["192.88.99.1", "6to4 relay anycast, deprecated"],
    ["192.168.1.1", "private use"],
    ["192.175.48.1", "direct delegation AS112"],
    ["198.18.0.1", "benchmarking"],
    ["198.19.255.255", "benchmarking"],
    ["198.51.100.1", "documentation"],
    ["203.0.113.1", "documentation"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "reserved"],
    ["::", "compatible 0.0.0.0: this network"],
    ["::1", "compatible 0.0.0.1: this network"],
    ["::127.0.0.1", "compatible 127.0.0.1: loopback"],
    ["::7f00:1", "compatible 127.0.0.1: loopback"],
    ["::8.8.8.8", "not global unicast"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:a00:7", "private use"],
    ["::ffff:169.254.169.254", "link local"],
    ["::ffff:0:127.0.0.1", "translated 127.0.0.1: loopback"],
    ["::ffff:0:8.8.8.8", "not global unicast"],
    ["64:ff9b::127.0.0.1", "nat64 127.0.0.1: loopback"],
    ["64:ff9b::a9fe:a9fe", "nat64 169.254.169.254: link local"],
    ["64:ff9b:1::10.0.0.7", "nat64 10.0.0.7: private use"],
    ["64:ff9b:1::8.8.8.8", "not global unicast"],
    ["64:ff9b:1:7f00:0:100::", "nat64 0.0.0.0: this network"],
    ["100::1", "not global unicast"],
    ["100:0:0:1::1", "not global unicast"],
    ["2001::1", "teredo 0.0.0.0: this network"],
    ["2001:0:808:808::8080:8080", "teredo 127.127.127.127: loopback"],
    ["2001:0:808:808::f7f7:f7f7", "IETF protocol assignments"],
    ["2001:2::1", "IETF protocol assignments"],
    ["2001:4:112::1", "IETF protocol assignments"],
    ["2001:20::1", "IETF protocol assignments"],
    ["2001:db8::1", "documentation"],
    ["2002:7f00:1::", "6to4 127.0.0.1: loopback"],
    ["2002:a9fe:a9fe::1", "6to4 169.254.169.254: link local"],
    ["2002:808:808::1", "6to4"],
    ["2606:4700::5efe:127.0.0.1", "isatap 127.0.0.1: loopback"],
    ["2606:4700::200:5efe:10.0.0.7", "isatap 10.0.0.7: private use"],
    ["2620:4f:8000::1", "direct delegation AS112"],
    ["3fff::1", "documentation"],
    ["4000::1", "not global unicast"],
    ["5f00::1", "not global unicast"],
    ["fc00::1", "not global unicast"],
    ["fd00:ec2::254", "not global unicast"],
    ["fe80::1", "not global unicast"],
    ["fec0::1", "not global unicast"],
    ["ff02::1", "not global unicast"],
  ])("calls %s unsafe: %s", (address, why) => {
    expect(judgeAddress(address)).toMatchObject({ safe: false, why });
  });

  it.each([
    "",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "010.8.8.8",
    "08.8.8.8",
    "8.8.8",
    "8.8.8.8.",
    " 8.8.8.8",
    "8.8.8.8/32",
    "8.8.8.256",
    "fe80::1%eth0",
    "2606:4700::1%25lo",
    "[2606:4700::1]",
    "::ffff:0x7f.1",
    "1:2:3",
    "８.8.8.8",
  ])("does not take %j for an address", (text) => {
    expect(judgeAddress(text)).toMatchObject({ safe: false, why: "not an address" });
  });

  it("finds nothing safe in any special-purpose range, first and last address included", () => {
    for (const { cidr } of specialPurposeRanges) {
      const [network, bits] = ipaddr.parseCIDR(cidr);
      const bytes = network.toByteArray();
      const last = bytes.map((byte, at) => byte | (0xff >> Math.max(0, Math.min(8, bits - at * 8))));
      expect([cidr, safe(network.toString()), safe(ipaddr.fromByteArray(last).toString())]).toEqual([
        cidr,
        false,
        false,
      ]);
    }
  });

  it("never calls an IPv6 address safe that carries an unsafe IPv4 address", () => {
    const unsafe = fc
      .tuple(fc.constantFrom(10, 127, 0, 224, 255), fc.nat(255), fc.nat(255), fc.nat(255))
      .map((octets) => octets.map((octet) => octet.toString(16).padStart(2, "0")).join(""))
      .map((hex) => `${hex.slice(0, 4)}:${hex.slice(4)}`);
    const forms = [
      (v4: string) => `::${v4}`,
      (v4: string) => `::ffff:${v4}`,
      (v4: string) => `::ffff:0:${v4}`,
      (v4: string) => `64:ff9b::${v4}`,
      (v4: string) => `64:ff9b:1::${v4}`,
      (v4: string) => `2002:${v4}::1`,
      (v4: string) => `2001:0:${v4}::1`,
      (v4: string) => `2606:4700:1:2:0:5efe:${v4}`,
      (v4: string) => `2606:4700:1:2:200:5efe:${v4}`,
    ];
    fc.assert(fc.property(unsafe, fc.constantFrom(...forms), (v4, form) => !safe(form(v4))));
  });

  it("calls IPv6 safe only inside 2000::/3, but for what it judges by its IPv4 address", () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(words, (parts) => {
        const address = new ipaddr.IPv6(parts);
        if (((parts[0] ?? 0) & 0xe000) !== 0x2000) expect(safe(address.toString())).toBe(false);
      }),
    );
  });

  it("gives the same answer for every spelling of one address", () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(words, (parts) => {
        const address = new ipaddr.IPv6(parts);
        const spellings = [
          address.toString(),
          address.toNormalizedString(),
          address.toNormalizedString().toUpperCase(),
        ];
        expect(new Set(spellings.map(safe)).size).toBe(1);
      }),
    );
  });
});

describe("an opened address range", () => {
  it("covers its own addresses and nothing else", () => {
    expect(addressInRanges("127.0.0.2", ["127.0.0.2/32"])).toBe(true);
    expect(addressInRanges("127.0.0.3", ["127.0.0.2/32"])).toBe(false);
    expect(addressInRanges("127.0.0.2", ["10.0.0.0/8", "127.0.0.0/8"])).toBe(true);
    expect(addressInRanges("fd00::1", ["fd00::/8"])).toBe(true);
    expect(addressInRanges("::7f00:2", ["127.0.0.2/32"])).toBe(false);
  });

  it("covers nothing when it is not a range", () => {
    expect(addressInRanges("127.0.0.2", ["127.0.0.2", "127.0.0.2/33", "all", ""])).toBe(false);
    expect(addressInRanges("not an address", ["0.0.0.0/0"])).toBe(false);
  });
});
