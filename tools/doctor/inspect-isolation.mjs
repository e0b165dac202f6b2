import { answerOf } from "../process/command.mjs";
import { bad, note, ok } from "./finding.mjs";

const commands = {
  ip: "iproute2",
  unshare: "util-linux",
  setpriv: "util-linux",
  nsenter: "util-linux",
  prlimit: "util-linux",
  mount: "mount",
};

/** Whether plugins can be shut into namespaces of their own here, which takes root. */
export async function inspectIsolation() {
  if (process.getuid() !== 0) return [note("user", "not root: plugins cannot be given namespaces of their own")];
  const found = await Promise.all(Object.entries(commands).map(inspectCommand));
  return [ok("user", "root"), ...found.filter(Boolean), await inspectNamespaces()];
}

async function inspectCommand([command, debianPackage]) {
  const path = (await answerOf("sh", ["-c", `command -v ${command}`]))?.trim();
  if (path) return ok(command, "on PATH", { path });
  return bad(command, "missing; plugins are isolated with it", `apt-get install ${debianPackage}`);
}

async function inspectNamespaces() {
  const name = "namespaces";
  const made = await answerOf("unshare", ["--mount", "--net", "--propagation", "private", "true"]);
  if (made !== undefined) return ok(name, "mount and network namespaces can be made");
  const fix = "give this container CAP_SYS_ADMIN (docker run --privileged), or use a machine of its own";
  return bad(name, "mount and network namespaces are refused here", fix);
}
