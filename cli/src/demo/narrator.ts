import { styleText } from "node:util";
import type { DecisionRow } from "@vivified/contracts";
import { decisionLine } from "../terminal/decision-line.ts";

/** Says what happens, readable as a sequence. */
export type Narrator = {
  readonly step: (number: number, title: string) => void;
  readonly stepDone: (title: string, durationMs: number) => void;
  readonly say: (text: string) => void;
  /** A decision as the log has it. */
  readonly decided: (row: DecisionRow) => void;
  /** Something that was tried and refused: what, what came back, and why. */
  readonly refused: (attempt: { readonly tried: string; readonly cameBack: string; readonly why: string }) => void;
  readonly quote: (text: string) => void;
};

export function terminalNarrator(print: (line: string) => void): Narrator {
  const indent = (text: string, by = "     ") =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => `${by}${line}`.trimEnd())
      .join("\n");
  return {
    step: (number, title) => print(`\n${styleText("bold", `${number}. ${title}`)}`),
    stepDone: (title, durationMs) => print(styleText("dim", `   ✓ ${title} (${(durationMs / 1000).toFixed(1)} s)`)),
    say: (text) => print(indent(text, "   ")),
    decided: (row) => print(`   • ${decisionLine(row)}`),
    refused: ({ tried, cameBack, why }) => {
      print(`   ${styleText("red", "✗")} ${tried}`);
      print(indent(`came back: ${cameBack}`));
      print(indent(`because:   ${why}`));
    },
    quote: (text) => print(styleText("cyan", indent(text, "   │ "))),
  };
}
