/** Text as PostgreSQL can keep it in a column to search by: without NUL and half characters. The record keeps the rest. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
