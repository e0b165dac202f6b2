import { createHash } from "node:crypto";
import { canonicalJson } from "@vivified/contracts";
import type { ToldConfig } from "../config/describe-config.ts";
import type { LastStart } from "./last-start.ts";

/** Which program starts where, and what it was told. */
export type Starting = { readonly version: string; readonly host: string; readonly configuration: ToldConfig };

const mostText = 512;

/**
 * What the record of a start says: version, host, instance, the hex SHA-256 of what it was told (canonical JSON), and what
 * of it differs from the last start of the instance, each as `was.<NAME>` and `is.<NAME>`; everything at the first.
 */
export function startLabels(starting: Starting, last: LastStart): { readonly [name: string]: string } {
  const { version, host, configuration } = starting;
  const changed = changedNames(last.configuration, configuration);
  return bounded({
    version,
    host,
    instance: last.instance,
    configuration: createHash("sha256").update(canonicalJson(configuration)).digest("hex"),
    ...(last.decision_id === undefined ? { first: "true" } : { previous: last.decision_id }),
    ...(last.running && { unclean: "true" }),
    ...(changed.length > 0 && { changed: changed.join(",") }),
    ...valuesOf("was", last.configuration, changed),
    ...valuesOf("is", configuration, changed),
  });
}

function changedNames(was: ToldConfig, is: ToldConfig): readonly string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].filter((name) => was[name] !== is[name]).toSorted();
}

function valuesOf(word: "was" | "is", configuration: ToldConfig, names: readonly string[]) {
  const values = names.map((name) => ({ name: `${word}.${name}`, value: configuration[name] }));
  return Object.fromEntries(values.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function bounded(labels: { readonly [name: string]: string }) {
  return Object.fromEntries(
    Object.entries(labels).map(([name, text]) => [
      name,
      name === "changed" ? text : text.slice(0, mostText).toWellFormed(),
    ]),
  );
}
