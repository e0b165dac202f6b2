import { canonicalJson, logLine } from "@vivified/contracts";
import { systemClock } from "@vivified/runtime";
import { folder } from "../audit.fixtures.ts";
import { type ExportSpec, someRecords, testKey, type WrittenExport, writeTestExport } from "./export.fixtures.ts";
import { openExport } from "./export-files.ts";
import type { Finding } from "./finding.ts";
import { logKey } from "./trusted-keys.ts";
import { type Verification, type VerifyExport, verifyExport } from "./verify-export.ts";

/** The log's key, and what the log holds. */
export const signer = testKey();
export const records = someRecords(700);

export const idOf = (at: number): string => records[at]?.decision_id ?? "";
/** What findings say of the record at a place. */
export const at = (index: number) => ({ index, id: idOf(index), timestamp: records[index]?.timestamp });
export const lineOf = (index: number, record: object): string => logLine(index, canonicalJson(record));

/** A folder in which exports are written, gone afterwards. */
export type ExportGround = AsyncDisposable & {
  readonly path: (name: string) => string;
  readonly exported: (spec?: Partial<ExportSpec>) => Promise<WrittenExport>;
};

export async function exportGround(): Promise<ExportGround> {
  const files = await folder();
  let made = 0;
  return {
    ...files,
    exported: (spec = {}) => {
      made += 1;
      return writeTestExport(files.path(`export-${made}`), { records, signer, ...spec });
    },
  };
}

export async function verified(written: WrittenExport, trusted: Partial<VerifyExport> = {}): Promise<Verification> {
  await using opened = await openExport(written.directory);
  return verifyExport(opened, {
    log: await logKey(signer.vkey),
    witnesses: [],
    clock: systemClock,
    asked: written.asked,
    ...trusted,
  });
}

export async function findingsOf(
  written: WrittenExport,
  trusted: Partial<VerifyExport> = {},
): Promise<readonly Finding[]> {
  return (await verified(written, trusted)).findings.list;
}
