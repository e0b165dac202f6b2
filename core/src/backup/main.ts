import { VivifiedError } from "@vivified/runtime";
import { backupConfig } from "./config.ts";
import { runTask } from "./run-task.ts";

try {
  process.stdout.write(`${await runTask(backupConfig())}\n`);
} catch (error) {
  const why = error instanceof VivifiedError ? `${error.code}: ${error.detail ?? error.message}` : String(error);
  process.stderr.write(`${why}\n`);
  process.exitCode = 2;
}
