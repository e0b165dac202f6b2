import type { JsonValue } from "../json.ts";
import type { Lane, LaneRequest } from "./lane.ts";
import { InvalidError, NotFoundError } from "./lane-error.ts";

/** This plugin's own key-value storage in core. Keys: letters, digits and `._:@-`, at most 200, not starting with a sign. */
export type Storage = {
  /** The value, or undefined when the key is absent. */
  get(key: string): Promise<JsonValue | undefined>;
  put(key: string, value: JsonValue): Promise<void>;
  /** Puts the value only when the key is absent; false when it was there. */
  create(key: string, value: JsonValue): Promise<boolean>;
  /** Absent or not, it is gone afterwards. */
  delete(key: string): Promise<void>;
};

export function openStorage(lane: Lane): Storage {
  const at = (key: string) => `/storage/kv/${encodeURIComponent(key)}`;
  const write = (key: string, value: JsonValue): LaneRequest => ({ method: "PUT", path: at(key), body: { value } });
  return {
    get: (key) => absentOn404(async () => (await lane({ method: "GET", path: at(key) }))?.value),
    put: async (key, value) => void (await lane(write(key, value))),
    create: async (key, value) => {
      const request = { ...write(key, value), headers: { "if-none-match": "*" } };
      return lane(request).then(() => true, falseOnConflict);
    },
    delete: async (key) => {
      await absentOn404(() => lane({ method: "DELETE", path: at(key) }));
    },
  };
}

async function absentOn404<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotFoundError && error.code === "not_found") return undefined;
    throw error;
  }
}

function falseOnConflict(error: unknown): false {
  if (error instanceof InvalidError && error.code === "conflict") return false;
  throw error;
}
