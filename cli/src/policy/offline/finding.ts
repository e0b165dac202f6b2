/** Something that is wrong, and where; rows and columns count from 1, and row 0 is the whole file. */
export type Finding = {
  /** What found it and by which rule: `opa/rego_parse_error`, `regal/bugs/constant-condition`, `case`, `modes`. */
  readonly rule: string;
  readonly level: "error" | "warning";
  readonly message: string;
  readonly file: string;
  readonly row: number;
  readonly column: number;
};

/** As compilers say it, so that editors find the place. */
export function findingLine({ file, row, column, level, message, rule }: Finding): string {
  const place = row === 0 ? file : `${file}:${row}:${column}`;
  return `${place}: ${level}: ${message} (${rule})`;
}
