/**
 * What a spreadsheet takes for a formula (OWASP "CSV Injection"): `=`, `+`, `-`, `@` or their full-width forms, where a cell
 * begins or where one would begin for a reader that parts at `,`, `;`, `|`, tabs or lines. Programs trim blanks and what is
 * invisible, and take a quotation mark there for the cell's own. The sign stands first, or every blank would be looked behind.
 */
const formula = /[=+\-@\uFF1D\uFF0B\uFF0D\uFF20](?<=(?:^|[,;|\t\r\n\v\f\u0085\u2028\u2029])[\s\p{Cc}\p{Cf}"]*.)/gu;

/** Begins that OWASP names besides: some programs drop them with what stands before the next cell. */
const blankBegin = /^[\t\r\n]/;

/**
 * A text that no spreadsheet takes for formulas, whatever it parts cells at: an apostrophe stands in front of what would
 * begin one. NUL and halves of surrogate pairs, which CSV cannot hold, are U+FFFD.
 */
export function harmlessCell(text: string): string {
  const shown = text.replaceAll("\u0000", "\uFFFD").toWellFormed().replace(formula, "'$&");
  return blankBegin.test(shown) ? `'${shown}` : shown;
}
