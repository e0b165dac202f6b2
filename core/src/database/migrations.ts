import type { Migration } from "kysely/migration";
import * as alerts from "../alerts/migrations/015-alerts.ts";
import * as decisions from "../audit/migrations/005-decisions.ts";
import * as blocks from "../audit/migrations/006-blocks.ts";
import * as months from "../audit/migrations/012-months.ts";
import * as push from "../audit/migrations/017-push.ts";
import * as ownRecords from "../audit/migrations/018-own-records.ts";
import * as untold from "../audit/migrations/019-untold.ts";
import * as shapes from "../audit/migrations/020-decision-shapes.ts";
import * as unplaced from "../audit/migrations/021-unplaced.ts";
import * as faultyBlocks from "../audit/migrations/024-faulty-blocks.ts";
import * as shapeTimes from "../audit/migrations/025-shape-times.ts";
import * as unplacedIds from "../audit/migrations/029-unplaced-ids.ts";
import * as monthLocks from "../audit/migrations/030-month-locks.ts";
import * as eventTypes from "../canonical/migrations/003-event-types.ts";
import * as users from "../identity/migrations/001-users.ts";
import * as outbox from "../outbox/migrations/007-outbox.ts";
import * as outboxRefusals from "../outbox/migrations/010-outbox-refusals.ts";
import * as policies from "../policy/migrations/011-policies.ts";
import * as plugins from "../registry/migrations/002-plugins.ts";
import * as retention from "../retention/migrations/016-retention.ts";
import * as keptSubjects from "../retention/migrations/023-kept-subjects.ts";
import * as settings from "../settings/migrations/009-plugin-settings.ts";
import * as revision from "../snapshot/migrations/008-snapshot-revision.ts";
import * as values from "../storage/migrations/004-plugin-values.ts";
import * as subjects from "../subjects/migrations/014-subjects.ts";
import * as transparency from "../transparency/migrations/013-transparency.ts";

/** Every domain's migrations in the order in which they run; a number is never used twice. */
export const migrations: Record<string, Migration> = {
  "001-users": users,
  "002-plugins": plugins,
  "003-event-types": eventTypes,
  "004-plugin-values": values,
  "005-decisions": decisions,
  "006-blocks": blocks,
  "007-outbox": outbox,
  "008-snapshot-revision": revision,
  "009-plugin-settings": settings,
  "010-outbox-refusals": outboxRefusals,
  "011-policies": policies,
  "012-months": months,
  "013-transparency": transparency,
  "014-subjects": subjects,
  "015-alerts": alerts,
  "016-retention": retention,
  "017-push": push,
  "018-own-records": ownRecords,
  "019-untold": untold,
  "020-decision-shapes": shapes,
  "021-unplaced": unplaced,
  "023-kept-subjects": keptSubjects,
  "024-faulty-blocks": faultyBlocks,
  "025-shape-times": shapeTimes,
  "029-unplaced-ids": unplacedIds,
  "030-month-locks": monthLocks,
};
