import { parseSpiffeId, pluginIdOf, processNames, processSpiffeId, type SpiffeId } from "@vivified/contracts";

/** An identity that this platform gives out: one of its processes or a plugin of its trust domain; else undefined. */
export function admissibleId(text: string, trustDomain: string): SpiffeId | undefined {
  const parsed = parseSpiffeId(text);
  if (parsed?.trustDomain !== trustDomain) return undefined;
  const isProcess = processNames.some((name) => processSpiffeId(trustDomain, name) === parsed.id);
  return isProcess || pluginIdOf(parsed.id, trustDomain) !== undefined ? parsed.id : undefined;
}
