import type { PlatformEvent } from "@vivified/sdk";

/** The last events that were delivered, oldest first. */
export type ReceivedEvents = {
  readonly add: (event: PlatformEvent) => void;
  readonly all: () => readonly PlatformEvent[];
};

export function rememberEvents(capacity = 1_000): ReceivedEvents {
  const events: PlatformEvent[] = [];
  return {
    add: (event) => {
      events.push(event);
      if (events.length > capacity) events.shift();
    },
    all: () => [...events],
  };
}
