import { mostEvidence } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

/** A page of places from one on, ascending, at most `limit`. */
export type PlacesPage = (from: number, limit: number) => Promise<readonly number[]>;

/** Small enough that a page of records of ten kilobytes is looked through within a statement's time. */
const placesPerPage = 5_000;

/**
 * All places that a query finds, a page at a time, so that no statement looks for more than one page.
 *
 * @throws VivifiedError `invalid` 422 when there are more than an export can name: a smaller stretch has fewer
 */
export async function placesByPage(page: PlacesPage, perPage = placesPerPage): Promise<readonly number[]> {
  const places: number[] = [];
  for (;;) {
    const found = await page((places.at(-1) ?? -1) + 1, perPage);
    places.push(...found);
    if (places.length > mostEvidence) throw tooMuch();
    if (found.length < perPage) return places;
  }
}

/** What an export is refused with that would have to name more places behind it than {@link mostEvidence}. */
export function tooMuch(): VivifiedError {
  const message = "lies too far: more is told of the stretch behind it than an export can name";
  return new VivifiedError("invalid", { extra: { violations: [{ pointer: "#querystring/to", message }] } });
}
