/** What a value looks like, and the traits that such a value carries. */
type Detector = { readonly traits: readonly string[]; readonly finds: (text: string) => boolean };

/** The part of an address after `@`: labels and at least one dot. */
const mailDomain = /[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/uy;
const localPart = /[\p{L}\p{N}._%+'-]/u;
/** SSA: no area 000, 666 or 9xx, no group 00, no serial 0000. */
const socialSecurity = /(?<![\w-])(?!000|666|9)\d{3}([-‐‑‒–− ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])/;
/** North American numbering plan, written with separators: ten bare digits are too often something else. */
const northAmericanPhone = /(?<![\w.+-])(?:\+?1[ .-]?)?\(?[2-9]\d{2}\)?[ .-] ?\d{3}[ .-]\d{4}(?![\w-])/;
/** E.164 with its plus sign. */
const internationalPhone = /(?<!\w)\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\w)/;
const cardNumber = /(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){8,15}(?![\w-])/g;
const cardBrand =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6[0245]\d{14,17})$/;
const medicalRecord = /(?<!\w)MRN[\s:#-]{0,3}\d{5,12}(?!\w)/i;

const detectors: readonly Detector[] = [
  { traits: ["pii"], finds: hasMailAddress },
  { traits: ["direct_identifier", "pii"], finds: (text) => socialSecurity.test(text) },
  { traits: ["pii"], finds: (text) => northAmericanPhone.test(text) || internationalPhone.test(text) },
  { traits: ["financial", "pii"], finds: hasCardNumber },
  { traits: ["direct_identifier", "phi", "pii"], finds: (text) => medicalRecord.test(text) },
];

const nothing: readonly string[] = [];
const telling = /@|\d{2}/;

/**
 * The traits of a value by its looks: e-mail addresses, social security, telephone, payment card (Luhn) and medical
 * record numbers, alone or inside longer text. The second net, for fields that nobody labelled: it finds what is written
 * in the usual way and nothing else. Every pattern runs in linear time.
 */
export function detectTraits(text: string): readonly string[] {
  if (!telling.test(text)) return nothing;
  const found = detectors.filter(({ finds }) => finds(text));
  return found.length === 0 ? nothing : [...new Set(found.flatMap(({ traits }) => traits))];
}

function hasMailAddress(text: string): boolean {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    mailDomain.lastIndex = at + 1;
    if (at > 0 && localPart.test(text[at - 1] ?? "") && mailDomain.test(text)) return true;
  }
  return false;
}

function hasCardNumber(text: string): boolean {
  return (text.match(cardNumber) ?? []).some((found) => {
    const digits = found.replace(/\D/g, "");
    return cardBrand.test(digits) && passesLuhn(digits);
  });
}

/** ISO/IEC 7812-1 annex B: from the right, every second digit doubled, digits summed, a multiple of ten. */
function passesLuhn(digits: string): boolean {
  const values = [...digits].reverse().map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 2));
  const sum = values.reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return sum % 10 === 0;
}
