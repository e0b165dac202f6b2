/** What a handler may answer other than success, and the status that stands for it. */
export const refusalStatus = {
  invalid: 422,
  denied: 403,
  not_found: 404,
  conflict: 409,
} as const;
export type RefusalCode = keyof typeof refusalStatus;

/**
 * A handler throws it to say no to its caller: the caller gets the status and `{error, message}`. The message is public,
 * so it names fields and rules, never values. Everything else that a handler throws is a 500 without a word why.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}
