/** The writers of a process that writes several chains: `gateway-1-0`, `gateway-1-1` … */
export function chainNames(writer: string, chains: number): readonly string[] {
  return Array.from({ length: chains }, (_, nth) => `${writer}-${nth}`);
}

/** The process whose chain it is, by the name of its writer: `gateway-1` of `gateway-1-0`. One without chains is its own. */
export const processOf = (writer: string): string => writer.replace(/-\d+$/, "");
