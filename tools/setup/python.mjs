import { answerOf } from "../process/command.mjs";
import { compareVersions, versionIn } from "../versions.mjs";

const oldest = "3.9.0";

/** What is wrong with this machine's Python for installing wheels, and what mends it; `flaw` is absent when it will do. */
export async function inspectPython() {
  const said = await answerOf("python3", ["--version"]);
  const version = said && versionIn(said);
  if (!version) return { flaw: "there is no python3", fix: "apt-get install python3 python3-venv" };
  if (compareVersions(version, oldest) < 0) {
    return { version, flaw: "python3 is older than 3.9", fix: "put a python3 of 3.9 or later first on PATH" };
  }
  const canMakeEnvironments = await answerOf("python3", ["-c", "import venv, ensurepip"]);
  if (canMakeEnvironments !== undefined) return { version };
  return { version, flaw: "python3 cannot make virtual environments", fix: "apt-get install python3-venv" };
}

/** @throws Error that says what to install */
export async function fittingPython() {
  const { flaw, fix } = await inspectPython();
  if (flaw) throw new Error(`${flaw}; mend it with: ${fix}`);
  return "python3";
}
