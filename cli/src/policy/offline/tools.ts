/** OPA, as `tools/run.mjs` found it. @throws Error when it was not started by it and nothing names OPA */
export const opaTool = (): string => toolOf("VIVIFIED_OPA");

/** Regal. @throws Error likewise */
export const regalTool = (): string => toolOf("VIVIFIED_REGAL");

function toolOf(variable: string): string {
  const path = process.env[variable];
  if (path) return path;
  throw new Error(`${variable} not set: start with \`npm run vivified -- …\`, which finds or brings the tools`);
}
