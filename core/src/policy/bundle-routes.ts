import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { PublishPolicyRequest, StoredBundle } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "./guard-admin.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { storedBundle } from "./policy-overview.ts";
import { recordRefusals } from "./record-refusals.ts";
import { storeBundle } from "./store-bundle.ts";

export type BundleRoutesDeps = PolicyChangeDeps;

/** Largest archive that is taken, in bytes. */
export const maxArchiveBytes = 16 * 1024 * 1024;

const tags = ["policy"];
const gzip = "application/gzip";

/** Bundles come and go as they are: gzipped archives. */
export function bundleRoutes(server: HttpServer, deps: BundleRoutesDeps): void {
  const params = Type.Object({ revision: PublishPolicyRequest.properties.revision });
  const shown = { tags, params, produces: [gzip] };
  server.get("/admin/policies/bundles/:revision", { schema: shown }, async (request, reply) => {
    const archive = await deps.stores.policies.archive(request.params.revision);
    if (archive === undefined) throw new VivifiedError("not_found", { detail: "there is no such policy bundle" });
    return reply.type(gzip).send(archive);
  });
  void server.register(async (scope) => {
    scope.addContentTypeParser(
      gzip,
      { parseAs: "buffer", bodyLimit: maxArchiveBytes },
      async (_: unknown, body: Buffer) => body,
    );
    uploadRoute(scope.withTypeProvider<TypeBoxTypeProvider>(), deps);
  });
}

function uploadRoute(server: HttpServer, deps: BundleRoutesDeps): void {
  const schema = { tags, consumes: [gzip], response: { 201: StoredBundle } };
  const options = { schema, bodyLimit: maxArchiveBytes };
  server.post("/admin/policies/bundles", options, async (request, reply) => {
    const { body } = request;
    if (!Buffer.isBuffer(body)) throw new VivifiedError("unsupported_media_type", { detail: `a bundle is ${gzip}` });
    const by = requesterOf(request);
    const work = () => storeBundle(body, by, deps);
    return reply.code(201).send(storedBundle(await recordRefusals("store policy bundle", by, { ...deps, work })));
  });
}
