/** The outside programs that a platform runs. `tools/run.mjs` finds them and names them in the environment. */
export type OutsideTools = {
  readonly opa: string;
  readonly natsServer: string;
  readonly envoy: string;
  /** The folder that holds `postgres` and `initdb`. */
  readonly postgresBin: string;
};

const variables = {
  opa: "VIVIFIED_OPA",
  natsServer: "VIVIFIED_NATS_SERVER",
  envoy: "VIVIFIED_ENVOY",
  postgresBin: "VIVIFIED_POSTGRES_BIN",
} as const satisfies Record<keyof OutsideTools, string>;

/** @throws Error that names every variable that is not set */
export function outsideTools(env: NodeJS.ProcessEnv = process.env): OutsideTools {
  const missing = Object.values(variables).filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(", ")} not set: start with \`npm run vivified -- …\`, which finds or brings the tools`,
    );
  }
  const path = (tool: keyof OutsideTools) => env[variables[tool]] ?? "";
  return { opa: path("opa"), natsServer: path("natsServer"), envoy: path("envoy"), postgresBin: path("postgresBin") };
}
