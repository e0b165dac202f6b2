import { readFile, rename, writeFile } from "node:fs/promises";
import type { NatsConnection } from "@vivified/runtime";
import { testProcessKeys } from "@vivified/runtime/audit-fixtures";

/** Files of process keys, by the port of the NATS server whose blocks they are for. */
const files = new Map<string, string>();
let underway = Promise.resolve();

/** Makes the file of a ground's process keys, and lets writers on its NATS server be added to it. */
export async function openEnrolment(port: number, file: string): Promise<void> {
  await writeFile(file, JSON.stringify(testProcessKeys("core", "control-plane")));
  files.set(String(port), file);
}

/** Gives a process its key where core looks, as an operator does before starting one more. One after the other. */
export function enrol(name: string, nats: NatsConnection): Promise<void> {
  const file = files.get(nats.getServer().split(":").at(-1) ?? "");
  if (file !== undefined) underway = underway.then(() => add(name, file));
  return underway;
}

async function add(name: string, file: string): Promise<void> {
  const known = JSON.parse(await readFile(file, "utf8"));
  if (known[name] !== undefined) return;
  await writeFile(`${file}.next`, JSON.stringify({ ...known, ...testProcessKeys(name) }));
  await rename(`${file}.next`, file);
}
