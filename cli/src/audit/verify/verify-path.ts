import { openExport } from "./export-files.ts";
import { collectFindings } from "./finding.ts";
import { MalformedExport } from "./malformed-export.ts";
import { type Verification, type VerifyExport, verifyExport } from "./verify-export.ts";

/** Verifies the export at a path; one that is none is a finding. @throws Error when there is nothing there */
export async function verifyPath(path: string, trusted: VerifyExport): Promise<Verification> {
  try {
    await using files = await openExport(path);
    return await verifyExport(files, trusted);
  } catch (error) {
    if (!(error instanceof MalformedExport)) throw error;
    const findings = collectFindings();
    findings.add({ kind: "malformed_export", detail: error.message });
    return { findings, verified: 0, repeats: 0, deleted: [], warnings: [] };
  }
}
