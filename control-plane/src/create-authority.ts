import { createAuthority } from "./ca/create-authority.ts";

/** `create-authority.ts <directory> <trust domain>`: makes or finds the root and prints `{"rootHash", "bundle"}`. */
const [directory, trustDomain] = process.argv.slice(2);
if (directory === undefined || trustDomain === undefined) {
  process.stderr.write("usage: create-authority.ts <directory> <trust domain>\n");
  process.exit(64);
}
process.stdout.write(`${JSON.stringify(await createAuthority({ directory, trustDomain }))}\n`);
