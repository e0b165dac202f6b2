import type { CoreOptions } from "../../core/core-options.ts";
import { openCore } from "../../core/open-core.ts";
import type { AdminApi } from "../../platform/admin-api.ts";

/** Core, opened when it is asked for and not before: a command that works on files needs none. */
export type LazyCore = AsyncDisposable & { readonly core: () => Promise<AdminApi> };

export function lazyCore(options: CoreOptions): LazyCore {
  let opened: Promise<AdminApi> | undefined;
  return {
    core: () => {
      opened ??= openCore(options);
      return opened;
    },
    [Symbol.asyncDispose]: async () => {
      const api = await opened?.catch(() => undefined);
      await api?.[Symbol.asyncDispose]();
    },
  };
}
