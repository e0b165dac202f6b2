/** One value of a plugin's own key-value space. */
export type StoredValue = { readonly key: string; readonly value: unknown; readonly updatedAt: Date };

/** Key-value pairs per plugin: two plugins with the same key never meet. */
export type ValueStore = {
  readonly get: (pluginId: string, key: string) => Promise<StoredValue | undefined>;
  /** Undefined when `onlyIfAbsent` and the key is there already. */
  readonly put: (
    pluginId: string,
    entry: Omit<StoredValue, "updatedAt">,
    onlyIfAbsent: boolean,
  ) => Promise<StoredValue | undefined>;
  /** False when there was none. */
  readonly remove: (pluginId: string, key: string) => Promise<boolean>;
  readonly count: (pluginId: string) => Promise<number>;
};
