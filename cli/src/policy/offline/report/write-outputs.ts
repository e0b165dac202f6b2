import { writeFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { InvalidArgumentError } from "commander";

/** A format and the file that it goes to. */
export type Output<Format extends string> = { readonly format: Format; readonly file: string };

/** Reads `--output <format>=<file>`, which may be given several times. */
export function outputOf<Format extends string>(formats: readonly Format[]) {
  return (text: string, before: readonly Output<Format>[] = []): readonly Output<Format>[] => {
    const [name = "", ...rest] = text.split("=");
    const format = formats.find((known) => known === name);
    const file = rest.join("=");
    if (format === undefined || file === "") {
      throw new InvalidArgumentError(`it is <format>=<file>, with a format of ${formats.join(", ")}.`);
    }
    return [...before, { format, file }];
  };
}

/** Writes each file, without colours, and the terminal's format to stdout. */
export async function writeOutputs<Format extends string>(
  { format, output = [] }: { readonly format: Format; readonly output?: readonly Output<Format>[] },
  tell: (format: Format) => string,
): Promise<void> {
  for (const one of output) await writeFile(one.file, stripVTControlCharacters(tell(one.format)));
  process.stdout.write(tell(format));
}
