/** Tells whoever listens that something may be there to do. */
export type Bell = { readonly ring: () => void; readonly onRing: (listener: () => void) => void };

export function createBell(): Bell {
  const listeners: (() => void)[] = [];
  return {
    ring: () => {
      for (const listener of listeners) listener();
    },
    onRing: (listener) => {
      listeners.push(listener);
    },
  };
}
