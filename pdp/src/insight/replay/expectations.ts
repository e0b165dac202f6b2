import type { ChangedField, Flip, ReplayReport } from "./replay-report.ts";

/** A change that somebody announced. What is left out matches anything; `because` is for people. */
export type ExpectedFlip = {
  readonly from: "allow" | "deny";
  readonly to: "allow" | "deny";
  readonly rule?: string;
  readonly entrypoint?: string;
  readonly caller?: string;
  readonly because?: string;
};
export type ExpectedField = {
  readonly path: string;
  readonly from?: string;
  readonly to?: string;
  readonly entrypoint?: string;
  readonly caller?: string;
  readonly because?: string;
};
export type Expectations = { readonly flips: readonly ExpectedFlip[]; readonly fields: readonly ExpectedField[] };

/** Changes that nobody announced, and announced ones that did not happen. */
export type ExpectationReport = {
  readonly undeclared_flips: readonly Flip[];
  readonly undeclared_fields: readonly ChangedField[];
  readonly unseen: readonly (ExpectedFlip | ExpectedField)[];
};

/** Holds a report against what was announced. */
export function holdAgainst({ flips, fields }: ReplayReport, expected: Expectations): ExpectationReport {
  return {
    undeclared_flips: flips.filter((flip) => !expected.flips.some((one) => isFlip(one, flip))),
    undeclared_fields: fields.filter((field) => !expected.fields.some((one) => isField(one, field))),
    unseen: [
      ...expected.flips.filter((one) => !flips.some((flip) => isFlip(one, flip))),
      ...expected.fields.filter((one) => !fields.some((field) => isField(one, field))),
    ],
  };
}

const isFlip = ({ from, to, rule, ...asked }: ExpectedFlip, flip: Flip): boolean =>
  from === flip.from && to === flip.to && (rule === undefined || flip.rules.includes(rule)) && isAsked(asked, flip);

const isField = ({ path, from, to, ...asked }: ExpectedField, field: ChangedField): boolean =>
  path === field.path && isOr(from, field.from) && isOr(to, field.to) && isAsked(asked, field);

const isAsked = (expected: Pick<ExpectedFlip, "entrypoint" | "caller">, seen: Pick<Flip, "entrypoint" | "caller">) =>
  isOr(expected.entrypoint, seen.entrypoint) && isOr(expected.caller, seen.caller);

const isOr = (expected: string | undefined, seen: string): boolean => expected === undefined || expected === seen;
