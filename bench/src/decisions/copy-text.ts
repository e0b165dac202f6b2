type Cell = string | number | bigint | Date | null | readonly string[];

/** A row as a line of PostgreSQL's COPY in its text format, its cells in the order of their names here. */
export function copyLine(row: { readonly [column: string]: Cell }): string {
  return `${Object.values(row).map(cellText).join("\t")}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return "\\N";
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === "object") return escaped(`{${cell.map((one) => JSON.stringify(one)).join(",")}}`);
  return escaped(String(cell));
}

const special = /[\\\n\r\t]/g;
const names: { readonly [character: string]: string } = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const escaped = (text: string) => text.replace(special, (character) => names[character] ?? character);
