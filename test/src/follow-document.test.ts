import { describe, expect, it } from "vitest";
import { missingLines, stepsOf } from "./follow-document.ts";

const document = `
Write \`a/b.rego\`:

\`\`\`rego
package x
\`\`\`

Then:

\`\`\`sh
npm test
\`\`\`

\`\`\`text
3 passed … s
\`\`\`

\`\`\`sh terminal=2
npm start
\`\`\`

\`\`\`json
{"only": "to read"}
\`\`\`
`;

describe("following a document", () => {
  it("does what a reader would do, in order", () => {
    expect(stepsOf(document)).toEqual([
      { kind: "write", path: "a/b.rego", text: "package x\n" },
      { kind: "type", terminal: "1", text: "npm test\n" },
      { kind: "compare", text: "3 passed … s\n" },
      { kind: "type", terminal: "2", text: "npm start\n" },
    ]);
  });

  it("misses lines that did not appear, or appeared in another order", () => {
    expect(missingLines("a … c\n\n…\nd", "x\n  a  b c\nd\n")).toEqual([]);
    expect(missingLines("a.c", "abc")).toEqual(["a.c"]);
    expect(missingLines("b\na", "a\nb")).toEqual(["a"]);
  });
});
