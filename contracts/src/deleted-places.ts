/** Places of the log that follow each other: `first` up to and with `last`. */
export type PlaceRange = { readonly first: number; readonly last: number };

/**
 * Places as a retention record names them, ascending: `1000+500,1+98` says that after 1,000 places 500 follow that lost
 * their record, then after one place 98 more: 1000–1499 and 1501–1598.
 */
export function writePlaces(ranges: readonly PlaceRange[]): string {
  let end = 0;
  const parts = ranges.map(({ first, last }) => {
    const part = `${first - end}+${last + 1 - first}`;
    end = last + 1;
    return part;
  });
  return parts.join(",");
}

/** The ranges of such a text; undefined for what {@link writePlaces} would not have written. */
export function readPlaces(text: string): readonly PlaceRange[] | undefined {
  if (text === "") return [];
  const ranges: PlaceRange[] = [];
  let end = 0;
  for (const part of text.split(",")) {
    const [, skip, count] = /^(0|[1-9]\d{0,15})\+([1-9]\d{0,15})$/.exec(part) ?? [];
    if (skip === undefined || count === undefined || (skip === "0" && ranges.length > 0)) return undefined;
    const first = end + Number(skip);
    end = first + Number(count);
    if (!Number.isSafeInteger(end)) return undefined;
    ranges.push({ first, last: end - 1 });
  }
  return ranges;
}
