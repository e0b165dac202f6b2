import { stringsAt, valueAt } from "./manifest-value.ts";
import type { ManifestViolation } from "./manifest-violation.ts";

/** Another plugin of the platform, as far as dependencies are concerned. */
export type KnownPlugin = {
  readonly id: string;
  readonly contracts: readonly string[];
  readonly dependencies: readonly string[];
};

/** Dependencies that nobody fulfils: a plugin id that is not registered, or a contract that no plugin names. */
export function absentDependencies(manifest: unknown, known: readonly KnownPlugin[]): readonly ManifestViolation[] {
  return stringsAt(manifest, "dependencies")
    .filter(([name]) => providers(name, known).length === 0)
    .map(([name, at]) => ({
      pointer: `/dependencies/${at}`,
      message: `nothing here provides ${name}`,
      fix: "register what it depends on first, or remove the dependency",
    }));
}

/** Dependencies that lead back to the plugin itself. */
export function dependencyCycles(manifest: unknown, known: readonly KnownPlugin[]): readonly ManifestViolation[] {
  const self = valueAt(manifest, "id");
  if (typeof self !== "string") return [];
  const others = known.filter((plugin) => plugin.id !== self);
  return stringsAt(manifest, "dependencies")
    .filter(([name]) => name === self || reaches(name, self, others))
    .map(([name, at]) => ({
      pointer: `/dependencies/${at}`,
      message: `${name} depends on ${self} in turn`,
      fix: "break the cycle: let one of the two publish an event instead",
    }));
}

function reaches(from: string, goal: string, known: readonly KnownPlugin[]): boolean {
  const seen = new Set<string>();
  const next = providers(from, known).map((plugin) => plugin.id);
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const wants = known.find((plugin) => plugin.id === id)?.dependencies ?? [];
    if (wants.includes(goal)) return true;
    next.push(...wants.flatMap((name) => providers(name, known).map((plugin) => plugin.id)));
  }
  return false;
}

const providers = (name: string, known: readonly KnownPlugin[]): readonly KnownPlugin[] =>
  known.filter((plugin) => plugin.id === name || plugin.contracts.includes(name));
