import { resolve } from "node:path";
import type { PolicySource } from "./read-sources.ts";

/** What rules may call is the platform's word, whoever writes the rules. */
export const capabilitiesOf = ({ floor }: PolicySource): string => resolve(floor, "capabilities.json");
