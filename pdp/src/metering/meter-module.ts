import { type Cursor, notMeterable, readByte, readU32, take } from "./cursor.ts";
import { encodeU32 } from "./encode-u32.ts";
import { meterBody } from "./meter-body.ts";

/** The export through which the host sets how many steps are left, and reads it. */
export const fuelExport = "vivified_fuel";

/** Steps that a module may take before anybody set them: while it is instantiated. Below 2²⁷, so one encoding fits both. */
const initialSteps = 2 ** 26;
const sections = { global: 6, export: 7, code: 10 } as const;

type Section = { readonly id: number; readonly content: Uint8Array };

/**
 * Writes metering into a Wasm module: a counter that every turn of a loop and every call takes from, and a trap when it
 * is used up. What the module computes stays the same. The module must be valid ({@link WebAssembly.compile} it first):
 * only then does its code name no more globals than it has, and so cannot touch the counter.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when it is not such a module as OPA builds
 */
export function meterModule(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const cursor = { bytes, at: 0 };
  const header = take(cursor, 8);
  const found = readSections(cursor);
  const fuel = readU32({ bytes: contentOf(found, sections.global), at: 0 });
  contentOf(found, sections.export);
  contentOf(found, sections.code);
  const metered = found.map(({ id, content }) => meterSection({ id, content }, fuel));
  return new Uint8Array(Buffer.concat([header, ...metered.flatMap(({ id, content }) => framed([id], content))]));
}

function readSections(cursor: Cursor): Section[] {
  const found: Section[] = [];
  while (cursor.at < cursor.bytes.length) {
    const id = readByte(cursor);
    found.push({ id, content: take(cursor, readU32(cursor)) });
  }
  return found;
}

function contentOf(found: readonly Section[], id: number): Uint8Array {
  const [section, another] = found.filter((one) => one.id === id);
  if (section === undefined || another !== undefined) throw notMeterable(`it has not one section ${id}`);
  return section.content;
}

function meterSection({ id, content }: Section, fuel: number): Section {
  if (id === sections.global) return { id, content: appended(content, fuelGlobal) };
  if (id === sections.export) return { id, content: appended(content, exportOf(fuel)) };
  if (id === sections.code) return { id, content: meterCode(content, fuel) };
  return { id, content };
}

/** One entry more at the end of a vector. */
function appended(vector: Uint8Array, entry: readonly number[]): Uint8Array {
  const cursor = { bytes: vector, at: 0 };
  const count = readU32(cursor);
  return Buffer.from([...encodeU32(count + 1), ...vector.subarray(cursor.at), ...entry]);
}

/** `(global (mut i32) (i32.const …))` */
const fuelGlobal = [0x7f, 0x01, 0x41, ...encodeU32(initialSteps), 0x0b];

const exportOf = (fuel: number): number[] => {
  const name = [...Buffer.from(fuelExport)];
  return [...encodeU32(name.length), ...name, 0x03, ...encodeU32(fuel)];
};

function meterCode(code: Uint8Array, fuel: number): Uint8Array {
  const cursor = { bytes: code, at: 0 };
  const count = readU32(cursor);
  const bodies: Uint8Array[] = [];
  while (cursor.at < code.length) bodies.push(...framed([], meterBody(take(cursor, readU32(cursor)), fuel)));
  return Buffer.concat([Buffer.from(encodeU32(count)), ...bodies]);
}

const framed = (head: readonly number[], content: Uint8Array): Uint8Array[] => [
  Buffer.from([...head, ...encodeU32(content.length)]),
  content,
];
