import type { ProcessName } from "@vivified/contracts";

/** How one of several is called where the first has the name of its kind. */
export function instanceName(name: ProcessName, instance: number): string {
  return instance === 1 ? name : `${name}-${instance}`;
}

/** The writer id of a gateway: what its chains, keys and reports are called by. */
export const gatewayWriter = (instance: number): string => `gateway-${instance}`;
