import { answerOf } from "../process/command.mjs";
import { bad, ok } from "./finding.mjs";

/** The Node and npm that start us; everything else runs on the pinned Node. */
export async function inspectStarter() {
  const npm = (await answerOf("npm", ["--version"]))?.trim();
  const version = process.versions.node;
  const recent = Number.parseInt(version, 10) >= 20;
  const node = { version, path: process.execPath };
  return [
    recent
      ? ok("starting Node", "20 or later", node)
      : bad("starting Node", "older than 20", "install Node 20 or later", node),
    npm ? ok("npm", "on PATH", { version: npm }) : bad("npm", "missing", "apt-get install npm"),
  ];
}
