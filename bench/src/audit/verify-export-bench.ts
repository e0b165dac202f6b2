import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measuredAudit } from "../../../cli/src/audit/verify/cpu-time.fixtures.ts";
import { someRecords, testKey, writeTestExport } from "../../../cli/src/audit/verify/export.fixtures.ts";
import type { Row } from "../table.ts";

const count = 100_000;

/** How fast an auditor's command checks an export: from its start to its end, with Node's own start. */
export async function verifyExportBench(): Promise<Row> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "vivified-verify-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const signer = testKey();
  await writeTestExport(directory, { records: someRecords(count), signer });
  const { size } = await stat(join(directory, "records.ndjson"));
  const began = performance.now();
  const { code, out, cpuSeconds } = await measuredAudit("verify", directory, "--key", signer.vkey);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(out);
  return {
    measure: `vivified audit verify: ${count.toLocaleString("en")} records of ${Math.round(size / count)} bytes`,
    value: `${Math.round(count / seconds).toLocaleString("en")} a second`,
    against: `${seconds.toFixed(1)} s, of the processor ${cpuSeconds.toFixed(1)} s`,
  };
}
