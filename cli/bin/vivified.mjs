#!/usr/bin/env node
// Runs on the system's Node: brings Node 24 and the tools when they are missing, then starts the command under it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const run = fileURLToPath(new URL("../../tools/run.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [run, "vivified", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
