import { defineConfig } from "vitest/config";

const integration = ["**/*.integration.test.ts", "test/**/*.test.ts"];
const never = ["**/node_modules/**", "**/dist/**"];

/** `unit` needs nothing but the code; `integration` starts real servers, so its files run one after another. */
export default defineConfig({
  test: {
    pool: "forks",
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/src/**/*.test.ts", "tools/**/*.test.mjs"],
          exclude: [...never, ...integration],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: integration,
          exclude: never,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
