const filesAtOnce = 8;

/** Does the work for every item, eight at a time: enough for a storage that answers slowly, and bounded memory. */
export async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += filesAtOnce) await Promise.all(items.slice(at, at + filesAtOnce).map(work));
}
