/**
 * Ends the process without a word when whoever reads its output has gone (`… | head -1`), with the exit code that is settled
 * already, or with the one given.
 */
export function endWithReader(exitCode: number): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(process.exitCode ?? exitCode);
  });
}
