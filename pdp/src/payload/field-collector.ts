import type { Attributes, Field } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { PayloadDescription } from "./describe-payload.ts";

type Found = { readonly types: Set<Field["type"]>; readonly traits: Set<string> };

const harmless: ReadonlySet<string> = new Set(["public", "internal"]);
const maxAttributeLength = 256;

/**
 * Gathers fields by path. Items of an array share a path, and one that carries a trait makes the path carry it: an
 * obligation cannot tell them apart.
 */
export class FieldCollector {
  readonly #found = new Map<string, Found>();
  readonly #attributes = new Map<string, string | number | boolean>();

  add(path: string, type: Field["type"], traits: readonly string[]): void {
    const known = this.#found.get(path);
    if (known === undefined) {
      this.#found.set(path, { types: new Set([type]), traits: new Set(traits) });
      return;
    }
    known.types.add(type);
    for (const trait of traits) known.traits.add(trait);
  }

  /**
   * Exposes a value to policy and to the record, unless it carries a trait that the record must not hold or is longer
   * than 256 characters. @throws VivifiedError `malformed` when two values claim one name.
   */
  expose(name: string, value: string | number | boolean, traits: readonly string[]): void {
    if (!traits.every((trait) => harmless.has(trait))) return;
    if (typeof value === "string" && value.length > maxAttributeLength) return;
    if (this.#attributes.has(name))
      throw new VivifiedError("malformed", { detail: `two values for attribute ${name}` });
    this.#attributes.set(name, value);
  }

  /** Sorted by path, so that equal payloads give equal descriptions. */
  description(): PayloadDescription {
    const fields = [...this.#found].flatMap(([path, { types, traits }]) =>
      [...types].sort().map((type): Field => ({ path, type, traits: [...traits].sort() })),
    );
    fields.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const attributes: Attributes = Object.fromEntries([...this.#attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { fields, attributes };
  }
}
