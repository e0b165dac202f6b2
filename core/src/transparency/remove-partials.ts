import { type Bundle, bundlePath, type Tile, tilePath, tileWidth } from "@vivified/tlog";
import type { LogStorage } from "./log-storage.ts";
import type { LogStore } from "./log-store.ts";

export type RemovePartialsDeps = {
  readonly store: Pick<LogStore, "partialWidths">;
  readonly storage: Pick<LogStorage, "remove">;
};

type Place = Omit<Tile, "width">;

/**
 * Removes the partial tiles and bundles that earlier checkpoints had where there is a full one now, as tlog-tiles allows:
 * a checkpoint each minute would otherwise leave 40 MB a day behind. Nobody misses those that a crash leaves.
 */
export async function removePartials(from: number, to: number, deps: RemovePartialsDeps): Promise<void> {
  for (const place of filledPlaces(from, to)) {
    const widths = await deps.store.partialWidths(place);
    const partials = widths.map((width) => ({ ...place, width }));
    await Promise.all(partials.flatMap(pathsOf).map((path) => deps.storage.remove(path)));
  }
}

/** On every level the tile that was partial before, if it is full now; those behind it never were partial. */
function filledPlaces(from: number, to: number): Place[] {
  const places: Place[] = [];
  for (let level = 0; tileWidth ** (level + 1) <= to; level += 1) {
    const [before, after] = [from, to].map((size) => Math.floor(size / tileWidth ** level));
    const index = Math.floor((before ?? 0) / tileWidth);
    const isPartial = (before ?? 0) % tileWidth > 0;
    if (isPartial && (after ?? 0) >= (index + 1) * tileWidth) places.push({ level, index });
  }
  return places;
}

function pathsOf({ level, ...bundle }: Place & Bundle): string[] {
  return [tilePath({ level, ...bundle }), ...(level === 0 ? [bundlePath(bundle)] : [])];
}
