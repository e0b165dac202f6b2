import { packagesAreInstalled } from "../setup/npm.mjs";
import { postgresIsLinked } from "../setup/postgres.mjs";
import { outsideTools } from "../tools.mjs";
import { bad, note, ok } from "./finding.mjs";

/** What `locate` found, told tool by tool. */
export function inspectTools(located) {
  const tools = Object.entries(outsideTools());
  return tools.flatMap(([name, tool]) => [inspectTool(tool, located[name], located), ...ignored(tool, located[name])]);
}

/** Whether the npm packages are those of the lock file, and PostgreSQL's libraries are linked. */
export function inspectPackages() {
  const packages = packagesAreInstalled()
    ? ok("npm packages", "as package-lock.json says")
    : bad("npm packages", "missing, or not those of package-lock.json", setUpCommand("npm"));
  if (!packagesAreInstalled() || postgresIsLinked()) return [packages];
  return [packages, bad("PostgreSQL libraries", "links are missing", setUpCommand("postgres"))];
}

/** Go is asked for only while something that it builds is missing, and then set-up can bring it. */
export function goIsNeeded(located) {
  return ["opa", "regal", "natsServer"].some((name) => located[name].path === undefined);
}

function inspectTool(tool, { path, version, why, rejected }, located) {
  if (path) return ok(tool.title, why, { version, path });
  if (tool.onlyToBuild) {
    const says = goIsNeeded(located) ? "set-up brings its own" : "not needed: everything that it builds is there";
    return note(tool.title, says);
  }
  if (tool.onlyToTest) return note(tool.title, "needed by tests only, which bring it");
  const unfit = rejected.map((found) => `; ${found.path}: ${found.version ?? ""} ${found.flaw}`.replaceAll(/ +/g, " "));
  return bad(tool.title, `missing; wanted is ${tool.wanted.says}${unfit.join("")}`, setUpCommand(tool.step));
}

/** A variable that names something unfit is passed over, which whoever set it would want to know. */
function ignored(tool, { path, rejected }) {
  const named = rejected.find(({ why }) => why.startsWith("named by"));
  if (!path || !named) return [];
  const says = `${named.path} is passed over: ${named.version ?? ""} ${named.flaw}`;
  return [note(tool.variable, says.replaceAll("  ", " "), { fix: `unset ${tool.variable}` })];
}

function setUpCommand(step) {
  return `node tools/setup.mjs ${step}`;
}
