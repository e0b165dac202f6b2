import type { Clock, Logger } from "@vivified/runtime";
import type { EnforceDeps } from "../pep/enforce.ts";
import type { OutcomeDeps } from "../pep/record-outcome.ts";
import type { RefuseDeps } from "../pep/refuse.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

/** What every lane needs; a lane's own `Deps` adds its effect. */
export type LaneDeps = EnforceDeps &
  RefuseDeps &
  OutcomeDeps & {
    /** The snapshot in force. @throws VivifiedError `snapshot_missing` 503, `snapshot_stale` 503 */
    readonly snapshot: () => Snapshot;
    readonly clock: Clock;
    readonly logger: Logger;
  };
