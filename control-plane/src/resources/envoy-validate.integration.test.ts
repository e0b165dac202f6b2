import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type JsonObject, meshNames, sdsFiles } from "@vivified/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gatewayCluster } from "./gateway-cluster.ts";
import { type LaneAccess, laneRoutes } from "./lane-routes.ts";
import { meshListener } from "./mesh-listener.ts";
import { someSettings } from "./mesh-settings.fixtures.ts";

const envoy = process.env.VIVIFIED_ENVOY ?? "envoy";

/** What ADS would deliver, written into a bootstrap instead. */
function bootstrap(access: LaneAccess, change: (listener: JsonObject) => JsonObject = (same) => same): JsonObject {
  const { "@type": _, ...cluster } = gatewayCluster(someSettings());
  const { "@type": __, ...mesh } = meshListener({ host: "127.0.0.1", port: 9001 }, someSettings());
  const { "@type": ___, ...routes } = laneRoutes(access);
  const lanes = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "lanes",
    route_config: { ...routes, validate_clusters: true },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
      },
    ],
  };
  const local = { name: meshNames.localCluster, load_assignment: { cluster_name: meshNames.localCluster } };
  const laneListener = {
    name: "lanes",
    address: { socket_address: { address: "127.0.0.1", port_value: 9002 } },
    filter_chains: [{ filters: [{ name: "hcm", typed_config: lanes }] }],
  };
  return {
    node: { id: "newsletter~a", cluster: "newsletter" },
    static_resources: { clusters: [cluster, local], listeners: [change(mesh), laneListener] },
  };
}

describe("envoy --mode validate", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "vivified-validate-"));
    await mkdir(join(directory, "sds"));
    for (const { path } of Object.values(sdsFiles)) await writeFile(join(directory, path), '{"resources":[]}');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function validate(config: JsonObject): Promise<string> {
    await writeFile(join(directory, "bootstrap.json"), JSON.stringify(config));
    const args = ["--mode", "validate", "-c", "bootstrap.json", "-l", "error"];
    const { stdout } = await promisify(execFile)(envoy, args, { cwd: directory });
    return stdout;
  }

  it.each<LaneAccess>(["all", "register"])("accepts the resources of a node that may reach: %s", async (access) => {
    expect(await validate(bootstrap(access))).toContain("OK");
  });

  it("refuses a listener with a field that Envoy does not know", async () => {
    const broken = bootstrap("all", (listener) => ({ ...listener, trafic_direction: "INBOUND" }));
    await expect(validate(broken)).rejects.toThrow(/trafic_direction/);
  });
});
