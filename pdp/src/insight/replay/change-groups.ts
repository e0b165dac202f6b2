/** Changes of one kind, counted, with the ids of the first decisions as examples. */
export type ChangeGroup<Key extends object> = Key & { readonly count: number; readonly examples: readonly string[] };

export type ChangeGroups<Key extends object> = {
  readonly add: (key: Key, decisionId: string) => void;
  /** Most frequent first. */
  readonly list: () => readonly ChangeGroup<Key>[];
  /** Changes that are in no group. */
  readonly ungrouped: () => number;
};

const mostExamples = 5;

/** Counts changes by what they have in common, in bounded memory: beyond `mostGroups` they are only counted. */
export function createChangeGroups<Key extends object>(mostGroups = 1000): ChangeGroups<Key> {
  const groups = new Map<string, { readonly key: Key; count: number; readonly examples: string[] }>();
  let ungrouped = 0;
  return {
    add: (key, decisionId) => {
      const name = JSON.stringify(key);
      const group = groups.get(name) ?? { key, count: 0, examples: [] };
      if (group.count === 0 && groups.size >= mostGroups) {
        ungrouped++;
        return;
      }
      groups.set(name, group);
      group.count++;
      if (group.examples.length < mostExamples) group.examples.push(decisionId);
    },
    list: () =>
      [...groups]
        .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
        .map(([, { key, count, examples }]) => ({ ...key, count, examples })),
    ungrouped: () => ungrouped,
  };
}
