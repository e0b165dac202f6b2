import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatewayCluster } from "./gateway-cluster.ts";
import { expectGolden } from "./golden.fixtures.ts";
import { laneRoutes } from "./lane-routes.ts";
import { meshListener } from "./mesh-listener.ts";
import { someSettings } from "./mesh-settings.fixtures.ts";
import { maxConnectionDuration, meshSettings } from "./mesh-settings.ts";

const golden = (name: string) => join(import.meta.dirname, "testdata", `${name}.json`);

describe("resources", () => {
  it.each([
    ["gateway-cluster", gatewayCluster(someSettings())],
    [
      "gateway-cluster-by-name",
      gatewayCluster(someSettings({ gatewayAddresses: [{ host: "gateway.test", port: 443 }] })),
    ],
    [
      "gateway-cluster-of-two",
      gatewayCluster(
        someSettings({
          gatewayAddresses: [
            { host: "127.0.0.1", port: 8443 },
            { host: "127.0.0.1", port: 8444 },
          ],
        }),
      ),
    ],
    ["mesh-listener", meshListener({ host: "127.0.0.1", port: 9001 }, someSettings())],
    ["lane-routes", laneRoutes("all")],
    ["lane-routes-registration-only", laneRoutes("register")],
  ])("%s is what it was", (name, resource) => expectGolden(golden(name), resource));

  it("reads one gateway's address or several", () => {
    const configured = { trustDomain: "vivified.local", svidTtlSeconds: 3600 };
    const addresses = (gatewayAddress: string) => meshSettings({ ...configured, gatewayAddress }).gatewayAddresses;
    expect(addresses("127.0.0.1:1")).toEqual([{ host: "127.0.0.1", port: 1 }]);
    expect(addresses("127.0.0.1:1,[::1]:2")).toEqual([
      { host: "127.0.0.1", port: 1 },
      { host: "::1", port: 2 },
    ]);
    expect(() => addresses("127.0.0.1:1,")).toThrow(TypeError);
  });

  it("ends a connection well before the leaf that opened it", () => {
    expect(maxConnectionDuration(someSettings({ svidTtlSeconds: 3600 }))).toBe("900s");
    expect(maxConnectionDuration(someSettings({ svidTtlSeconds: 20 }))).toBe("5s");
    expect(maxConnectionDuration(someSettings({ svidTtlSeconds: 2 }))).toBe("1s");
  });
});
