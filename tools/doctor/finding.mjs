/**
 * One line of the doctor's report. `ok` is in order; `note` works, but is worth knowing; `bad` stops something from
 * working and comes with the command that mends it.
 *
 * @typedef {{ state: "ok" | "note" | "bad", name: string, version?: string, path?: string, says: string, fix?: string }} Finding
 */

/** @returns {Finding} */
export function ok(name, says, more = {}) {
  return { state: "ok", name, says, ...more };
}

/** @returns {Finding} */
export function note(name, says, more = {}) {
  return { state: "note", name, says, ...more };
}

/** @returns {Finding} */
export function bad(name, says, fix, more = {}) {
  return { state: "bad", name, says, fix, ...more };
}
