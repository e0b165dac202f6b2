import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readNumbers, writeNumbers } from "../remembered-numbers.ts";

/** Uids (and gids of the same number) that belong to one home. Nothing is written to the system's user database. */
export type Users = { readonly idOf: (name: string) => Promise<number> };

const blockSize = 256;
/** systemd's table of uids calls this range unused; a container that maps fewer ids gets the end of the ordinary users. */
const wide = { first: 1_900_000_000, blocks: 900_000 };
const narrow = { first: 32_768, blocks: 106 };

/** Gives every name in a home its own id, the same after a restart. Two homes get different blocks. */
export async function openUsers(file: string): Promise<Users> {
  const known = new Map<string, number>(Object.entries(await readNumbers(file)));
  const first = await firstIdOf(file);
  const idOf = async (name: string): Promise<number> => {
    const index = known.get(name) ?? known.size;
    if (index >= blockSize) throw new Error(`more than ${blockSize} users in one home`);
    if (!known.has(name)) await writeNumbers(file, known.set(name, index));
    return first + index;
  };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    idOf: (name) => {
      const given = queue.then(() => idOf(name));
      queue = given.catch(() => undefined);
      return given;
    },
  };
}

async function firstIdOf(file: string): Promise<number> {
  const { first, blocks } = (await mapsAllIds()) ? wide : narrow;
  return first + (createHash("sha256").update(file).digest().readUInt32BE(0) % blocks) * blockSize;
}

/** user_namespaces(7): one line of inside, outside and length; the initial namespace maps everything. */
async function mapsAllIds(): Promise<boolean> {
  const map = await readFile("/proc/self/uid_map", "utf8").catch(() => "");
  return map.split("\n").some((line) => Number(line.trim().split(/\s+/)[2] ?? 0) >= 2 ** 32 - 1);
}
