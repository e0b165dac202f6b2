/** A file with one small fault in it. */
export type Mutant = {
  /** Says what was done where, without row numbers: it stays the same when lines move. */
  readonly id: string;
  readonly file: string;
  readonly row: number;
  /** The whole file. */
  readonly content: string;
};

/** `killed`: a test fails. `stillborn`: it does not compile, so nobody could ship it. */
export type Fate = "killed" | "stillborn" | "survived";
