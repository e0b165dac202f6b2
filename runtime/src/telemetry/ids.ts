import { randomUUID } from "node:crypto";

/** A clock that is set back by less is waited for. */
const mostHeldMs = 10_000;
const mostInOneMs = 0xfff;

/**
 * Makes UUIDs version 7 (RFC 9562 §5.7), each larger than the one before (§6.2, method 1): twelve bits count within a
 * millisecond, which is held while the clock stands or goes back a little. A clock that is set back further is followed,
 * so that ids go on telling the time that records tell. The random part is that of a version 4 UUID, which Node makes from
 * entropy fetched ahead: no id comes twice, whatever the clock does.
 */
export function uuids(now: () => number): () => string {
  let [lastMs, count] = [0, 0];
  return () => {
    const nowMs = now();
    if (nowMs > lastMs || nowMs < lastMs - mostHeldMs) [lastMs, count] = [nowMs, 0];
    else if (count < mostInOneMs) count += 1;
    else [lastMs, count] = [lastMs + 1, 0];
    const time = lastMs.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, "0")}${randomUUID().slice(18)}`;
  };
}

/** The ids of this process. */
export const uuidv7 = uuids(Date.now);
