import { styleText } from "node:util";
import type { BundleDiff } from "@vivified/pdp";

const longest = 100;
const bold = (text: string): string => styleText("bold", text);

/** What differs between two bundles, for people. */
export function diffText(diff: BundleDiff): string {
  const head = `${bold("Policies")} ${diff.from} → ${diff.to}`;
  const parts = [added(diff), removed(diff), changed(diff), helpers(diff), data(diff)].filter((part) => part !== "");
  return [head, ...(parts.length > 0 ? parts : ["Nothing differs."])].join("\n\n");
}

const added = ({ added: rules }: BundleDiff): string =>
  section("New rules", rules, ({ id, title, mode }) => `${styleText("green", "+")} ${id}  ${title}${inMode(mode)}`);

const removed = ({ removed: rules }: BundleDiff): string =>
  section("Rules that are gone", rules, ({ id, title }) => `${styleText("red", "-")} ${id}  ${title}`);

const changed = ({ changed: rules }: BundleDiff): string =>
  section("Changed rules", rules, ({ rule, title, changes }) =>
    [`${styleText("yellow", "~")} ${rule}  ${title}`, ...changes.map(changeText)].join("\n"),
  );

function changeText({ what, from, to }: BundleDiff["changed"][number]["changes"][number]): string {
  if (what !== "text") return `      ${what}: ${short(from)} → ${short(to)}`;
  return lineChanges(from.split("\n"), to.split("\n"));
}

/** Lines that only one side has, in order. */
function lineChanges(from: readonly string[], to: readonly string[]): string {
  const gone = from.filter((line) => !to.includes(line)).map((line) => styleText("red", `      - ${line}`));
  const fresh = to.filter((line) => !from.includes(line)).map((line) => styleText("green", `      + ${line}`));
  const lines = [...gone, ...fresh];
  return lines.length > 0 ? lines.join("\n") : "      the same lines in another order";
}

const helpers = ({ helpers: rules }: BundleDiff): string =>
  section("Rules that others use", rules, ({ file, name, change }) => `${name}  ${change}  ${styleText("dim", file)}`);

const data = ({ data: changes }: BundleDiff): string =>
  section("Data", changes, ({ path, from, to }) => `${path}: ${valueText(from)} → ${valueText(to)}`);

const valueText = (value: unknown): string => (value === undefined ? "(none)" : short(JSON.stringify(value)));
const inMode = (mode: string): string => (mode === "enforce" ? "" : ` (mode ${mode})`);
const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

function section<Item>(title: string, items: readonly Item[], line: (item: Item) => string): string {
  return items.length === 0 ? "" : [bold(title), ...items.map((item) => `  ${line(item)}`)].join("\n");
}
