/** The writers of a process that writes several chains: `gateway-1-0`, `gateway-1-1` … */
export function chainNames(writer: string, chains: number): readonly string[] {
  return Array.from({ length: chains }, (_, nth) => `${writer}-${nth}`);
}
