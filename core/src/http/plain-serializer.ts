import type { HttpServer } from "@vivified/runtime";

/** Answers are built by hand and typed: their schemas describe them, and do not rewrite them. */
export function serializePlainly(server: HttpServer): void {
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
}
