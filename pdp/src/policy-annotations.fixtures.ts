import { readFileSync } from "node:fs";
import { join } from "node:path";
import { opa, ourPolicies } from "./bundle/policies.fixtures.ts";
import { runOpa } from "./bundle/run-opa.ts";
import { allEntrypoints } from "./entrypoints.ts";

type Annotated = {
  readonly path: readonly { readonly value: string }[];
  readonly location: { readonly file: string; readonly row: number };
  readonly annotations: {
    readonly scope: string;
    readonly title?: string;
    readonly description?: string;
    readonly custom?: { readonly id?: string; readonly severity?: string; readonly fix?: string };
  };
};

/** What a rule says of itself, and its text. `file` is relative to `policies/`. */
export type AnnotatedRule = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly severity: string;
  readonly fix: string;
  readonly effect: "denies" | "allows";
  readonly file: string;
  readonly text: string;
};
/** A question with its rules, in the order of their file. */
export type AnnotatedQuestion = {
  readonly entrypoint: string;
  readonly title: string;
  readonly description: string;
  readonly rules: readonly AnnotatedRule[];
};

/** The shipped questions and their rules, by OPA's own reading of their annotations. */
export async function annotatedQuestions(): Promise<AnnotatedQuestion[]> {
  const args = ["inspect", "--annotations", "--format", "json", "vivified"];
  const { annotations }: { annotations: Annotated[] } = JSON.parse(await runOpa({ opa, cwd: ourPolicies, args }));
  return allEntrypoints.map((entrypoint) => question(entrypoint, annotations));
}

function question(entrypoint: string, all: readonly Annotated[]): AnnotatedQuestion {
  const prefix = `data/vivified/${entrypoint}`;
  const about = all.find((one) => placeOf(one) === prefix && one.annotations.scope === "package");
  const rules = all.filter((one) => placeOf(one).startsWith(`${prefix}/`)).flatMap(ruleOf);
  const { title = "", description = "" } = about?.annotations ?? {};
  return { entrypoint, title, description, rules };
}

const placeOf = ({ path }: Annotated): string => path.map(({ value }) => value).join("/");

function ruleOf(annotated: Annotated): AnnotatedRule[] {
  const { title = "", description = "", custom = {} } = annotated.annotations;
  const { id, severity = "", fix = "" } = custom;
  if (id === undefined) return [];
  const effect = placeOf(annotated).endsWith("/denials") ? "denies" : "allows";
  const { file, row } = annotated.location;
  return [{ id, title, description, severity, fix, effect, file, text: textAt(file, row) }];
}

/** A formatted rule is one line, or ends with the first brace that stands at the margin. */
function textAt(file: string, row: number): string {
  const lines = readFileSync(join(ourPolicies, file), "utf8")
    .split("\n")
    .slice(row - 1);
  const end = lines[0]?.endsWith("{") ? lines.indexOf("}") : 0;
  return lines.slice(0, end + 1).join("\n");
}
