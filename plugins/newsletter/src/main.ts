import { runPlugin } from "@vivified/sdk";
import { newsletter } from "./plugin.ts";
import { startPuppet } from "./puppet/start-puppet.ts";
import { rememberEvents } from "./received-events.ts";

const events = rememberEvents();
const laneUrl = process.env.VIVIFIED_LANE_URL ?? "";
await runPlugin(newsletter(events), ({ context }) => startPuppet({ client: context.client, events, laneUrl }));
