import { tileWidth } from "@vivified/tlog";
import type { AskedStretch } from "./asked-stretch.ts";
import type { EntryAt, Span } from "./log-entries.ts";
import { soundBundle } from "./sound-bundle.ts";
import { entriesPath, type TileFiles } from "./verify-tiles.ts";

/** The entries next to a stretch, as far as an export of a time has them and they were asked for. */
export type Neighbours = {
  readonly before: readonly EntryAt[];
  readonly behind: readonly EntryAt[];
  /** Files of entries that are missing, or are not the tree's. */
  readonly unsound: readonly string[];
};

type Around = { readonly asked: AskedStretch; readonly size: number; readonly tiles: TileFiles };

/** From the file of entries before that of the first place to the one behind that of the last. */
export async function neighboursOf({ from, to }: Span, { asked, size, tiles }: Around): Promise<Neighbours> {
  const first = Math.max(0, bundleOf(from) - 1) * tileWidth;
  const end = (bundleOf(Math.max(from, to - 1)) + 2) * tileWidth;
  const before = await entriesOf(
    { from: Math.max(first, asked.from ?? 0), to: Math.min(from, asked.to ?? from) },
    size,
    tiles,
  );
  const behind = await entriesOf({ from: to, to: Math.min(size, end, asked.to ?? size) }, size, tiles);
  return { before: before.entries, behind: behind.entries, unsound: [...before.unsound, ...behind.unsound] };
}

async function entriesOf({ from, to }: Span, size: number, tiles: TileFiles) {
  const entries: EntryAt[] = [];
  const unsound: string[] = [];
  for (let at = bundleOf(from); from < to && at <= bundleOf(to - 1); at += 1) {
    const found = await soundBundle(at, size, tiles);
    if (found === undefined) unsound.push(entriesPath(at, size));
    else entries.push(...found.filter(({ index }) => index >= from && index < to));
  }
  return { entries, unsound };
}

const bundleOf = (place: number): number => Math.floor(place / tileWidth);
