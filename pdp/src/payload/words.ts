/** Humps, acronyms and numbers: `patientSSN2` → `patient`, `SSN`, `2`. */
const word = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{Lo}+|\p{N}+/gu;

/**
 * A field name as lower-case words in the singular, however it is written: `homeAddresses`, `home_address`,
 * `HOME-ADDRESS` and full-width letters all come to `home`, `address`. Invisible characters do not count.
 */
export function wordsOf(name: string): string[] {
  const plain = name.normalize("NFKD").replace(/\p{Cf}|\p{M}/gu, "");
  return (plain.match(word) ?? []).map((part) => singular(part.toLowerCase()));
}

function singular(plural: string): string {
  if (/(?:ss|us|is)$/.test(plural) || plural.length < 3) return plural;
  if (/ies$/.test(plural) && plural.length > 4) return `${plural.slice(0, -3)}y`;
  if (/[oy]ses$/.test(plural)) return `${plural.slice(0, -2)}is`;
  if (/(?:ss|x|ch|sh)es$/.test(plural)) return plural.slice(0, -2);
  return plural.endsWith("s") ? plural.slice(0, -1) : plural;
}
