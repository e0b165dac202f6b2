import { answerOf } from "../process/command.mjs";

/** A tool counts as installed once it ran and said the pinned version. @throws Error that says what it said instead */
export async function verify(tool, binary) {
  const said = await answerOf(binary, tool.ask, { timeoutMs: 60_000 });
  if (said === undefined) throw new Error(`${binary} does not run on this machine`);
  const flaw = tool.flaw?.(said);
  if (tool.versionIn(said) !== tool.pinned || flaw) {
    throw new Error(`${tool.title} ${tool.pinned} was wanted, but it says: ${flaw ?? said.trim()}`);
  }
}
