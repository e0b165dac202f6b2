import swagger from "@fastify/swagger";
import type { HttpServer } from "@vivified/runtime";

/** Describes the routes that are added after it, from their schemas (OpenAPI 3.1), at `/openapi.json`. */
export async function openApi(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Vivified core", version: "0.1.0" },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
      security: [{ bearer: [] }],
    },
  });
  server.get("/openapi.json", { schema: { hide: true } }, () => server.swagger());
}
