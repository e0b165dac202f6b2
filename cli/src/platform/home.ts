import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Where everything of one platform lies. Nothing is kept outside of it. */
export type Home = { readonly path: string; readonly at: (...segments: string[]) => string };

const folders = ["secrets", "keys", "join-tokens", "ca", "policies", "logs", "nats", "postgres", "plugins"];

/** The state directory that was asked for: an option, `VIVIFIED_HOME`, or `.vivified` of the working directory. */
export function homePath(asked?: string, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(asked ?? env.VIVIFIED_HOME ?? ".vivified");
}

/** Makes the folders, closed to everybody else. @throws Error when a file is in the way or it cannot be written */
export async function openHome(path: string): Promise<Home> {
  const at = (...segments: string[]) => join(path, ...segments);
  try {
    await makeFolder(path);
    for (const folder of folders) await mkdir(at(folder), { recursive: true, mode: 0o700 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`everything is to be kept in ${path}, and that cannot be: ${why}`, { cause });
  }
  return { path, at };
}

/**
 * Step by step: Node's own `recursive` never returns where a folder cannot be made although its parent is there, as in
 * `/proc`.
 */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    if (!(await isFolder(path))) throw error; // unless somebody else made it meanwhile
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
