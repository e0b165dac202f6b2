import type { Command } from "commander";

/** Which core a command talks to: that of a platform in a home, or any one by its address. */
export type CoreOptions = {
  readonly home?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly user?: string;
  readonly passwordFile?: string;
};

/** Adds the options that say which core. */
export function addCoreOptions(command: Command): Command {
  return command
    .option("--home <directory>", "the platform that runs in it (default: VIVIFIED_HOME, else .vivified)")
    .option("--url <address>", "core's address instead, as https://core.example:8443")
    .option("--ca <file>", "the certificate authority that its certificate is held against (PEM)")
    .option("--user <name>", "who to log in as (default: admin)")
    .option("--password-file <file>", "the file with the password");
}
