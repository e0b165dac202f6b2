import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * What a reader of a document does, in order: writes files (a code block after "`path`:"), types commands (`sh` blocks;
 * `sh terminal=2` in another terminal, where they keep running), and compares what appears (`text` blocks).
 */
export type DocumentStep =
  | { readonly kind: "write"; readonly path: string; readonly text: string }
  | { readonly kind: "type"; readonly terminal: string; readonly text: string }
  | { readonly kind: "compare"; readonly text: string };

/** The steps of a Markdown document. Blocks of other languages without a path above them are for reading only. */
export function stepsOf(markdown: string): readonly DocumentStep[] {
  const blocks = /(?:`(?<path>[^`\n]+)`:\n+)?^```(?<info>[^\n]*)\n(?<text>.*?)^```$/gms;
  return [...markdown.matchAll(blocks)].flatMap(({ groups = {} }) => stepOf(groups));
}

function stepOf({ path, info = "", text = "" }: { readonly [name: string]: string | undefined }): DocumentStep[] {
  const [language = "", ...words] = info.split(" ");
  if (language === "sh") return [{ kind: "type", terminal: words.join(" ").replace("terminal=", "") || "1", text }];
  if (language === "text") return [{ kind: "compare", text }];
  return path === undefined ? [] : [{ kind: "write", path, text }];
}

/** Writes what a document says below a folder. */
export async function writeStep(folder: string, { path, text }: { path: string; text: string }): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** Lines that were promised and did not appear, in order; `…` stands for anything. */
export function missingLines(promised: string, printed: string): readonly string[] {
  const lines = printed.split("\n").map(spaced);
  let from = 0;
  return promised.split("\n").filter((line) => {
    if (spaced(line) === "" || spaced(line) === "…") return false;
    const found = lines.findIndex((candidate, index) => index >= from && patternOf(line).test(candidate));
    if (found >= 0) from = found + 1;
    return found < 0;
  });
}

const spaced = (line: string): string => line.trim().replace(/\s+/g, " ");

const patternOf = (line: string): RegExp =>
  new RegExp(
    `^${spaced(line)
      .split(/ ?… ?/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );
