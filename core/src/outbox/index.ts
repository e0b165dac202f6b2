export { outboxStore } from "./outbox-store.postgres.ts";
export type { Announcement, OutboxStore } from "./outbox-store.ts";
export { publishEvent } from "./publish-event.ts";
export { relayEvents } from "./relay-events.ts";
