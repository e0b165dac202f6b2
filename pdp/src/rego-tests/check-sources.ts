import type { OpaRun } from "../bundle/run-opa.ts";
import { type OpaAnswer, opaAnswer } from "./opa-answer.ts";
import type { SourceFault } from "./rego-test.ts";

export type CheckSourcesOptions = Pick<OpaRun, "opa"> & {
  /** The sources, laid out as in a bundle. */
  readonly directory: string;
  /** OPA's capabilities file: what may be called. */
  readonly capabilities: string;
  /** The folder of the schemas that inputs are typed by; with it, OPA is strict. */
  readonly schemas?: string;
};

/** What keeps sources from being compiled, by `opa check`: all of it, each with its place. */
export async function checkSources(options: CheckSourcesOptions): Promise<readonly SourceFault[]> {
  const { opa, directory: cwd, capabilities, schemas } = options;
  const typed = schemas === undefined ? [] : ["--strict", "--schema", schemas];
  const args = ["check", "--format", "json", "--capabilities", capabilities, ...typed, "."];
  const answer = await opaAnswer({ opa, cwd, args });
  return answer.code === 0 ? [] : sourceFaults(answer);
}

type Said = { readonly errors?: readonly OpaError[] };
type OpaError = {
  readonly code?: string;
  readonly message: string;
  readonly location?: { readonly file?: string; readonly row?: number; readonly col?: number };
};

/** The faults in what OPA printed; what it does not print as JSON is one fault without a place. */
export function sourceFaults({ stdout, stderr }: Pick<OpaAnswer, "stdout" | "stderr">): readonly SourceFault[] {
  const said = stderr.trim() || stdout.trim();
  const errors = errorsIn(said) ?? [{ message: said }];
  return errors.map(({ code = "opa_error", message, location = {} }) => {
    const { file = "", row = 0, col = 1 } = location;
    return { file: file.replace(/^\.\//, ""), row, column: Math.max(col, 1), code, message };
  });
}

function errorsIn(text: string): readonly OpaError[] | undefined {
  try {
    const { errors }: Said = JSON.parse(text);
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined;
  } catch {
    return undefined; // OPA complains in words about what it cannot load
  }
}
