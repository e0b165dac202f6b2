import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import type { EventTypeStore } from "./event-type-store.ts";

export type CanonicalRoutesDeps = { readonly eventTypes: EventTypeStore };

const EventTypeList = Type.Object({
  event_types: Type.Array(Type.Object({ type: Type.String(), schema: Type.Record(Type.String(), Type.Unknown()) })),
});

export function canonicalRoutes(server: HttpServer, { eventTypes }: CanonicalRoutesDeps): void {
  const schema = { tags: ["canonical"], response: { 200: EventTypeList } };
  server.get("/admin/event-types", { schema }, async () => ({
    event_types: (await eventTypes.list()).map(({ type, schema: labels }) => ({ type, schema: { ...labels } })),
  }));
}
