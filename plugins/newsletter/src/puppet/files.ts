import { readdir, readFile } from "node:fs/promises";
import type { JsonObject, JsonValue } from "@vivified/sdk";
import { text } from "./command.ts";

const shownCharacters = 4_096;

/** `{path}` → `{text, size}`; only the beginning of a long file. */
export async function readFileText(order: JsonObject): Promise<JsonValue> {
  const content = await readFile(text(order, "path"), "utf8");
  return { text: content.slice(0, shownCharacters), size: content.length };
}

/** `{path}` → the names in it */
export async function listDir(order: JsonObject): Promise<JsonValue> {
  return (await readdir(text(order, "path"))).sort();
}
