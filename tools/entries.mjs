import { cacheEntry } from "./cache.mjs";
import { pinnedVersions, read } from "./pinned.mjs";

/**
 * How each Go tool is built: from which module of ours, which package, and with which flags. OPA needs the tag to load
 * bundles that hold Wasm and to run `opa test --target wasm`; Regal and versitygw learn their version only from the linker.
 * `sources` are files of ours that are compiled in.
 */
export function goTools() {
  const pins = pinnedVersions();
  const regal = "github.com/open-policy-agent/regal";
  return {
    opa: {
      version: pins.opa,
      module: "tools",
      package: "github.com/open-policy-agent/opa",
      flags: ["-tags", "opa_wasm"],
    },
    "nats-server": {
      version: pins.natsServer,
      module: "tools",
      package: "github.com/nats-io/nats-server/v2",
      flags: [],
    },
    regal: {
      version: pins.regal,
      module: "tools/regal",
      package: regal,
      flags: ["-ldflags", `-X ${regal}/pkg/version.Version=${pins.regal}`],
    },
    "tlog-check": {
      version: pins.torchwood,
      module: "tools/tlog",
      package: ".",
      flags: [],
      sources: ["main.go", "check.go", "export.go", "proof.go", "witness.go"],
    },
    versitygw: {
      version: pins.versitygw,
      module: "tools/s3",
      package: "github.com/versity/versitygw/cmd/versitygw",
      flags: ["-ldflags", `-X main.Version=${pins.versitygw}`],
    },
  };
}

/** The cache folder of a tool that we build with Go. */
export function goToolEntry(name) {
  const tool = goTools()[name];
  const sums = ["go.mod", "go.sum", ...(tool.sources ?? [])].map((file) => read(`${tool.module}/${file}`));
  return cacheEntry(name, tool.version, [tool.package, ...tool.flags, ...sums]);
}

/** The cache folder of a tool that comes as a wheel: `envoy` or `go`. */
export function wheelEntry(name) {
  const pins = pinnedVersions();
  const version = { envoy: pins.envoy, go: pins.goWheel }[name];
  return cacheEntry(name, version, [read(`tools/requirements/${name}.txt`)]);
}
