/**
 * An answer of {@link callerOf} as a text that is equal for equal values: names sorted, sets sorted, numbers by value and
 * exactly, whatever way an engine writes them. Errors stay as they are.
 */
export function canonical(answer: string): string {
  if (answer.startsWith("!")) return answer;
  const parsed = parsedExactly(answer);
  if (!Array.isArray(parsed) || parsed.length === 0) return "undefined";
  const [[type, value]] = parsed;
  return `${type} ${type === "set" ? sorted(value) : written(value)}`;
}

/** An engine may write what is no JSON; that is an answer, too. */
function parsedExactly(answer: string): unknown {
  try {
    return JSON.parse(answer, (_, value, context?: { source?: string }) =>
      typeof value === "number" ? { number: exact(context?.source ?? String(value)) } : value,
    );
  } catch {
    return [["no JSON", answer]];
  }
}

const sorted = (items: unknown): string => (Array.isArray(items) ? items.map(written).sort().join(" , ") : "");

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${written(item)}`);
  return `{${entries.sort().join(",")}}`;
}

/** Digits and exponent of a decimal: `1.50` and `15e-1` are the same. */
function exact(text: string): string {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  if (kept === "") return "0";
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}
