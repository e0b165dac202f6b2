import { StorageEntry, StoragePutRequest, storageKeyPattern } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { activePlugin, type CallerDeps } from "../registry/index.ts";
import { putValue, type StorageChangeDeps } from "./put-value.ts";
import { removeValue } from "./remove-value.ts";
import type { StoredValue, ValueStore } from "./value-store.ts";

export type StorageRoutesDeps = CallerDeps & StorageChangeDeps & { readonly values: ValueStore };

const params = Type.Object({ key: Type.String({ pattern: storageKeyPattern }) });
const tags = ["storage"];

export function storageRoutes(server: HttpServer, deps: StorageRoutesDeps): void {
  server.get("/storage/kv/:key", { schema: { tags, params, response: { 200: StorageEntry } } }, async (request) => {
    const found = await deps.values.get(await activePlugin(request, deps), request.params.key);
    if (found === undefined) throw new VivifiedError("not_found", { detail: "there is no value under this key" });
    return shown(found);
  });
  server.put(
    "/storage/kv/:key",
    { schema: { tags, params, body: StoragePutRequest, response: { 200: StorageEntry } } },
    async (request) => {
      const pluginId = await activePlugin(request, deps);
      const onlyIfAbsent = request.headers["if-none-match"] === "*";
      const { params, body, trace } = request;
      return shown(await putValue({ pluginId, key: params.key, value: body.value, onlyIfAbsent, trace }, deps));
    },
  );
  server.delete("/storage/kv/:key", { schema: { tags, params } }, async (request, reply) => {
    const { params, trace } = request;
    await removeValue({ pluginId: await activePlugin(request, deps), key: params.key, trace }, deps);
    return reply.code(204).send();
  });
}

function shown({ key, value, updatedAt }: StoredValue): StorageEntry {
  return { key, value, updated_at: updatedAt.toISOString() };
}
