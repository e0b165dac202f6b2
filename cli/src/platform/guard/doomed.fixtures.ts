import { join } from "node:path";
import { probeIsolation } from "../isolation/probe-isolation.ts";
import { Sandbox, systemPath } from "../isolation/sandbox.ts";
import { Child } from "../process/child.ts";
import { Guard } from "./guard.ts";

/** A small platform that waits to be killed: one stubborn process with a child of its own, and a sandbox with another. */
const [home = ""] = process.argv.slice(2);
const guard = await Guard.open(join(home, "guard.json"));
const stubborn = 'trap "" TERM; sleep 1000 & echo $!; wait; wait';
const plain = {
  name: "plain",
  file: "sh",
  args: ["-c", stubborn],
  env: systemPath(),
  logFile: join(home, "plain.log"),
};
const started = [await Child.start(plain, guard)];
if ((await probeIsolation(home, guard)).mode === "namespaces") {
  const directory = join(home, "root");
  const sandbox = await Sandbox.open({ name: "box", directory, mounts: [], network: "empty", guard });
  const inside = sandbox.enter({ user: 54_600, file: "sh", args: ["-c", stubborn] });
  const boxed = { ...plain, ...inside, name: "boxed", logFile: join(home, "boxed.log"), forks: true };
  started.push(await Child.start(boxed, guard));
}
process.stdout.write(`${JSON.stringify(started.map(({ pid }) => pid))}\n`);
setInterval(() => undefined, 1_000);
