import type { Problem } from "@vivified/contracts";

/** Core refused. `problem` is what it said. */
export class AdminApiError extends Error {
  override readonly name = "AdminApiError";
  readonly status: number;
  readonly problem: Problem;

  constructor(what: string, status: number, problem: Problem) {
    const violations = problem.violations?.map(({ pointer, message }) => ` ${pointer} ${message}`).join(",") ?? "";
    super(`${what}: ${status} ${problem.code ?? ""} ${problem.detail ?? problem.title ?? ""}${violations}`.trim());
    this.status = status;
    this.problem = problem;
  }

  /** From an answer's text, whatever it is: something between us and core may have given it. */
  static of(what: string, status: number, text: string): AdminApiError {
    return new AdminApiError(what, status, problemIn(text));
  }
}

function problemIn(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { detail: text.slice(0, 200) } as Problem;
  }
}
