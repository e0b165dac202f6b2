import type { BundleFault, PolicyOverview } from "@vivified/contracts";
import { faultOf } from "@vivified/pdp";
import { type Clock, newTrace, VivifiedError } from "@vivified/runtime";
import type { PolicyChangeDeps } from "../policy-changes.ts";
import { refusalRecord } from "../refusal-record.ts";
import type { FetchedBundle } from "./fetch-bundle.ts";
import { takeSourceBundle } from "./take-source-bundle.ts";

export type BundleSourceDeps = PolicyChangeDeps & {
  readonly url: URL;
  readonly fetch: (etag: string | undefined) => Promise<FetchedBundle>;
  readonly clock: Clock;
};

type State = NonNullable<PolicyOverview["source"]>;
type Told = Pick<State, "fault" | "detail">;

/** Faults that another look at the same bytes cannot change. */
const lasting: readonly (BundleFault | undefined)[] = [
  ...(["unsigned", "unknown_key", "bad_signature", "digest_mismatch", "truncated"] as const),
  ...(["too_large", "path_escape", "malformed", "revision_reused", "not_runnable"] as const),
];

/**
 * A bundle server whose bundles are published. What it sends goes the way of every bundle; what is bad leaves the policy
 * in force where it is, and is told once: in the log, in the decision log, and for as long as it lasts in the overview.
 */
export class BundleSource {
  readonly #deps: BundleSourceDeps;
  #etag: string | undefined;
  #checkedAt: string | undefined;
  /** Of the bundle that was sent last, and of the last attempt to reach the server. */
  #bundle: Told = {};
  #contact: Told = {};

  constructor(deps: BundleSourceDeps) {
    this.#deps = deps;
  }

  /** How it stands. The URL is shown without credentials and query. */
  state(): State {
    const { origin, pathname } = this.#deps.url;
    return {
      url: origin + pathname,
      ...(this.#etag !== undefined && { etag: this.#etag }),
      ...(this.#checkedAt !== undefined && { checked_at: this.#checkedAt }),
      ...this.#bundle,
      ...this.#contact,
    };
  }

  /** One turn: asks, and takes what is new. @throws VivifiedError `database_unavailable` */
  async turn(): Promise<void> {
    const fetched = await this.#ask();
    this.#checkedAt = this.#deps.clock.now().toISOString();
    if (fetched?.status !== "fetched") return;
    const failed = await this.#take(fetched.archive);
    if (failed === undefined || lasting.includes(faultOf(failed))) this.#etag = fetched.etag;
    this.#bundle = this.#tell(this.#bundle, failed);
  }

  async #ask(): Promise<FetchedBundle | undefined> {
    const [fetched, failed] = await outcome(() => this.#deps.fetch(this.#etag));
    if (faultOf(failed) !== "source_unavailable") await this.#record(failed, this.#contact);
    this.#contact = this.#tell(this.#contact, failed);
    return fetched;
  }

  async #take(archive: Buffer): Promise<VivifiedError | undefined> {
    const by = { caller: "core", trace: newTrace() };
    const [, failed] = await outcome(() => takeSourceBundle(archive, by, this.#deps));
    await this.#record(failed, this.#bundle);
    return failed;
  }

  /** Once, not at every turn. */
  async #record(failed: VivifiedError | undefined, before: Told): Promise<void> {
    if (failed === undefined || failed.detail === before.detail) return;
    const by = { caller: "core", trace: newTrace() };
    await this.#deps.stores.decisions.append([refusalRecord("take policy from source", by, failed)]);
  }

  /** What is to be shown from now on; what was shown before is not logged again. */
  #tell(before: Told, failed: VivifiedError | undefined): Told {
    if (failed === undefined) return {};
    const fault = faultOf(failed);
    const now = { ...(fault !== undefined && { fault }), detail: failed.detail ?? failed.code };
    if (now.detail !== before.detail) this.#deps.logger.warn(now, "nothing was taken from the bundle source");
    return now;
  }
}

/** Refusals are values here; anything else goes on. */
async function outcome<T>(work: () => Promise<T>): Promise<readonly [T | undefined, VivifiedError | undefined]> {
  try {
    return [await work(), undefined];
  } catch (error) {
    const expected = error instanceof VivifiedError && ["policy_bundle_refused", "conflict"].includes(error.code);
    if (!expected) throw error;
    return [undefined, error];
  }
}
