/** True the first time an id is seen before it expires, false ever after. */
export type Spend = (id: string, expiresAtS: number) => boolean;

/** Remembers ids until they expire. Only ids of verified tokens get here, so the gateway's rate bounds it. */
export function spendOnce(nowS: () => number = () => Date.now() / 1000): Spend {
  const spent = new Map<string, number>();
  return (id, expiresAtS) => {
    forgetExpired(spent, nowS());
    if (spent.has(id)) return false;
    spent.set(id, expiresAtS);
    return true;
  };
}

/** Ids come in about the order in which they expire, so the first that is still alive ends the search. */
function forgetExpired(spent: Map<string, number>, nowS: number): void {
  for (const [id, expiresAtS] of spent) {
    if (expiresAtS >= nowS) return;
    spent.delete(id);
  }
}
