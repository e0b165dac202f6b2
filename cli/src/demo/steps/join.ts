import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Platform } from "../../platform/platform.ts";
import type { PluginSpec } from "../../platform/plugins/plugin-spec.ts";
import { claim } from "../claim.ts";
import type { Narrator } from "../narrator.ts";

/** Four plugins join with one-time tokens, each behind its own Envoy with its own SVID, and are approved with grants. */
export async function joinPlugins(platform: Platform, specs: readonly PluginSpec[], tell: Narrator): Promise<void> {
  await Promise.all(
    specs.map(async (spec) => {
      await platform.addPlugin(spec);
      await platform.approvePlugin(spec);
    }),
  );
  for (const { id, grants } of specs) {
    const count = `${grants.length} ${grants.length === 1 ? "grant" : "grants"}`;
    tell.say(`${id}: ${await identityOf(platform, id)}, ${count}`);
  }
  const { plugins } = await platform.api.call<{ plugins: { id: string; status: string }[] }>("GET", "/admin/plugins");
  const active = plugins.filter(({ status }) => status === "active").map(({ id }) => id);
  claim(
    specs.every(({ id }) => active.includes(id)),
    "every plugin is active",
  );
}

async function identityOf(platform: Platform, id: string): Promise<string> {
  const plugin = platform.plugins.get(id);
  claim(plugin !== undefined, `${id} runs`);
  const leaf = new X509Certificate(await readFile(join(plugin.svidDirectory, "chain.pem")));
  const expected = `spiffe://${platform.trustDomain}/plugin/${id}`;
  claim(leaf.subjectAltName === `URI:${expected}`, `${id} has an SVID of its own`);
  const place = plugin.user === undefined ? "plain process" : `uid ${plugin.user} in an empty namespace`;
  return `${expected}, ${place}`;
}
