/**
 * A builtin that the host has and Wasm has not. Arguments and result are JSON texts, so that numbers keep all their
 * digits; sets come as arrays. `undefined` is Rego's: there is no answer.
 */
export type HostBuiltin = (...json: string[]) => string | undefined;

/** By OPA's name. */
export type HostBuiltins = ReadonlyMap<string, HostBuiltin>;
