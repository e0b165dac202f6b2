import { ForgetReply, ForgetRequest, KeptPayloadRules, OpenedPayload } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { type ForgetSubjectDeps, forgetSubject } from "./forget-subject.ts";
import { type OpenKeptDeps, openKept } from "./open-kept.ts";
import { type PutKeptPayloadsDeps, putKeptPayloads } from "./put-kept-payloads.ts";

export type SubjectRoutesDeps = ForgetSubjectDeps &
  OpenKeptDeps &
  PutKeptPayloadsDeps & { readonly stores: Pick<Stores, "subjects"> };

const tags = ["audit"];
const ofRules = { tags, response: { 200: KeptPayloadRules } };

/** What records keep of payloads, opening it, and forgetting whom it is about. */
export function subjectRoutes(server: HttpServer, deps: SubjectRoutesDeps): void {
  server.get("/admin/kept-payloads", { schema: ofRules }, async () => ({
    rules: [...(await deps.stores.subjects.rules())],
  }));
  server.put("/admin/kept-payloads", { schema: { ...ofRules, body: KeptPayloadRules } }, async (request) => {
    await putKeptPayloads(request.body.rules, requesterOf(request), deps);
    return request.body;
  });
  const params = Type.Object({ id: Type.String({ maxLength: 64 }) });
  const opened = { tags, params, response: { 200: OpenedPayload } };
  server.get("/admin/kept-payloads/:id", { schema: opened }, async (request, reply) => {
    const payload = await openKept(request.params.id, requesterOf(request), deps);
    return reply.header("cache-control", "no-store").send(payload);
  });
  const forgotten = { tags, body: ForgetRequest, response: { 200: ForgetReply } };
  server.post("/admin/audit/forget", { schema: forgotten }, (request) =>
    forgetSubject(request.body.subject, requesterOf(request), deps),
  );
}
