/** What became of one Rego test on one engine. */
export type RegoTestResult = {
  readonly engine: "interpreter" | "wasm";
  /** `vivified.rpc.invoke_test` */
  readonly package: string;
  readonly name: string;
  /** As the sources are laid out in a bundle; rows and columns count from 1. */
  readonly file: string;
  readonly row: number;
  readonly column: number;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed. */
  readonly message?: string;
  /** Of a test with several cases in its head: their names. */
  readonly cases?: readonly string[];
};

/** Something that OPA found wrong, and where; a place of row 0 is the whole file. */
export type SourceFault = {
  readonly file: string;
  readonly row: number;
  readonly column: number;
  /** OPA's code, as `rego_parse_error`. */
  readonly code: string;
  readonly message: string;
};
