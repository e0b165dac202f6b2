import type { ForgetReply } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";

export type ForgetOptions = CoreOptions & { readonly yes?: boolean; readonly json?: boolean };

/** `vivified audit forget`. @throws Error without `--yes`; AdminApiError when core refuses */
export async function forgetCommand(subject: string, options: ForgetOptions): Promise<number> {
  if (options.yes !== true) throw new Error("what was kept of this subject can never be opened again; say --yes");
  await using core = await openCore(options);
  const forgotten = await core.call<ForgetReply>("POST", "/admin/audit/forget", { subject });
  console.log(options.json ? harmlessJson(forgotten) : inWords(harmless(forgotten)));
  return 0;
}

const inWords = ({ subject, destroyed }: ForgetReply): string =>
  destroyed ? `The key of subject ${subject} is destroyed.` : `There is no key of subject ${subject}.`;
