export { destroyForgotten } from "./destroy-forgotten.ts";
export { type SubjectRoutesDeps, subjectRoutes } from "./routes.ts";
export { openSubjects, type SubjectParts } from "./subject-parts.ts";
export { subjectStore } from "./subject-store.postgres.ts";
export type { SubjectStore } from "./subject-store.ts";
