/** Runs work of the same key one after another; work of other keys does not wait. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function oneAtATime(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
