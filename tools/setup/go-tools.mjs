import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, fillEntry } from "../cache.mjs";
import { goToolEntry, goTools } from "../entries.mjs";
import { locate } from "../locate.mjs";
import { checkout } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { withLock } from "../process/lock.mjs";
import { outsideTools } from "../tools.mjs";
import { doStep, sayWaiting } from "./progress.mjs";
import { verify } from "./verify.mjs";
import { installGo } from "./wheels.mjs";

/** No C compiler, no other toolchain, none of the user's flags. */
const pure = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off" };

/** Builds the named Go tools one after another, so that two cores stay usable; fetches Go first when there is none. */
export async function setUpGoTools(names) {
  const found = (await locate(["go"])).go.path;
  if (found && found !== outsideTools().go.ours) return buildAll(names, found, pure);
  if (!found) await installGo();
  await buildApart(names, outsideTools().go.ours);
}

/** A machine without Go is left without its caches too, which are 1.5 GB. */
async function buildApart(names, go) {
  const work = join(cacheRoot(), "go-work");
  const places = {
    GOCACHE: join(work, "build"),
    GOPATH: join(work, "path"),
    GOROOT: undefined,
    GOFLAGS: "-modcacherw",
  };
  await withLock(`${work}.lock`, sayWaiting("Go tools"), async () => {
    await buildAll(names, go, { ...pure, ...places });
    await rm(work, { recursive: true, force: true });
  });
}

async function buildAll(names, go, environment) {
  for (const name of names) await build(name, go, { ...process.env, ...environment });
}

async function build(name, go, env) {
  const { version, module, package: source, flags } = goTools()[name];
  const tool = Object.values(outsideTools()).find(({ step }) => step === name);
  const what = `${tool.title} ${version}`;
  const fill = (log) => async (staging) => {
    const binary = join(staging, name);
    const options = ["-trimpath", "-mod=readonly", "-buildvcs=false", ...flags, "-o", binary];
    await runLogged(go, ["build", ...options, source], { log, cwd: join(checkout, module), env });
    await verify(tool, binary);
  };
  const takes = "built from source, a minute or two the first time";
  await doStep(what, takes, (log) => fillEntry(goToolEntry(name), fill(log), { onWait: sayWaiting(what) }));
}
