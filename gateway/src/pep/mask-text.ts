/**
 * Shows enough of a text to recognise it: `ab***@host` for e-mail addresses, the first and last two characters of texts
 * longer than four, nothing but `*` of anything else. Counts code points, so that no character is cut in half.
 */
export function maskText(text: string): string {
  const at = text.lastIndexOf("@");
  if (at > 0 && !/\s/.test(text)) return `${start(text.slice(0, at))}***${text.slice(at)}`;
  const characters = [...text];
  if (characters.length <= 4) return "*".repeat(characters.length);
  return [...characters.slice(0, 2), "*".repeat(characters.length - 4), ...characters.slice(-2)].join("");
}

/** A local part of two characters or fewer would be shown whole. */
function start(local: string): string {
  const characters = [...local];
  return characters.length > 2 ? characters.slice(0, 2).join("") : "";
}
