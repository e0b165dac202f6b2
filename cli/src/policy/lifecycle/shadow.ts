import type { ShadowReport } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";
import { exitCodes } from "./exit-codes.ts";
import { revisionOf } from "./publish.ts";
import type { Said } from "./run-lifecycle.ts";
import { shadowText } from "./shadow-text.ts";

const path = "/admin/policies/shadow";

/** `vivified policy shadow start`: lets a candidate judge live traffic, without effect. */
export async function startShadow(bundleOrRevision: string, api: AdminApi): Promise<Said> {
  const revision = await revisionOf(bundleOrRevision, api);
  const json = await api.call<ShadowReport>("PUT", path, { revision });
  const text = `candidate ${revision} judges live traffic; nothing it says has an effect (vivified policy shadow report)`;
  return { json, text, code: exitCodes.done };
}

/** `vivified policy shadow stop` */
export async function stopShadow(api: AdminApi): Promise<Said> {
  await api.call("DELETE", path);
  return { json: { shadow: null }, text: "no candidate judges live traffic", code: exitCodes.done };
}

/** `vivified policy shadow report` */
export async function reportShadow(api: AdminApi): Promise<Said> {
  const json = await api.call<ShadowReport>("GET", path);
  return { json, text: shadowText(json), code: exitCodes.done };
}
