import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { manifestOf } from "./manifest.ts";

/**
 * Both ends of the measured call: the least that a plugin can do. It asks once a second to be registered until it is,
 * and answers every call with what it got. No SDK, so that the figures are the platform's.
 */
const { id } = JSON.parse(readFileSync(process.env.VIVIFIED_PLUGIN_CONFIG ?? "", "utf8")) as { id: string };
const manifest = JSON.stringify({ manifest: manifestOf(id) });

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end(request.method === "POST" ? Buffer.concat(chunks) : "{}");
  });
}).listen(Number(process.env.VIVIFIED_PLUGIN_PORT), "127.0.0.1");

async function registered(): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  const url = `${process.env.VIVIFIED_LANE_URL}/plugins/register`;
  const reply = await fetch(url, { method: "POST", headers, body: manifest }).catch(() => undefined);
  await reply?.text();
  return reply?.status === 200 || reply?.status === 201 || reply?.status === 404;
}

while (!(await registered())) await new Promise((resolve) => setTimeout(resolve, 1000));
