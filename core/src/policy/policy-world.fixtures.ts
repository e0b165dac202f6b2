import { type BundleChanges, resealBundle, shippedBundle } from "@vivified/pdp/fixtures";
import { Agent, request } from "undici";
import type { Answer, TestCore, TestGround } from "../core.fixtures.ts";

/** Two people who may change policies, and one who may only look. */
export type People = { readonly ann: string; readonly ben: string; readonly viewer: string };

const password = "a password that is long enough";

/** Makes the users and logs them in; gives their tokens. */
export async function openPeople(core: TestCore): Promise<People> {
  const admin = await core.logIn();
  const tokens = await Promise.all(
    (["ann", "ben", "viewer"] as const).map(async (username) => {
      const roles = [username === "viewer" ? "developer" : "security"];
      const user = { username, email: `${username}@example.com`, full_name: username, password, roles };
      await core.ask("POST /admin/users", { token: admin, body: user });
      return [username, await core.logIn(username, password)] as const;
    }),
  );
  return Object.fromEntries(tokens) as People;
}

/** A bundle that the ground's key signed. */
export async function bundleOf(ground: TestGround, changes: BundleChanges): Promise<Buffer> {
  return resealBundle(await shippedBundle(), changes, ground.policySigner.signer);
}

/** POSTs an archive as it is. */
export async function upload(
  core: TestCore,
  token: string,
  archive: Uint8Array,
  type = "application/gzip",
): Promise<Answer> {
  const agent = new Agent({ connect: { ca: core.ground.authority.bundlePem, checkServerIdentity: () => undefined } });
  try {
    const reply = await request(new URL("/admin/policies/bundles", core.publicUrl), {
      method: "POST",
      dispatcher: agent,
      headers: { "content-type": type, authorization: `Bearer ${token}` },
      body: archive,
    });
    return { status: reply.statusCode, headers: reply.headers, body: await reply.body.json() };
  } finally {
    await agent.destroy();
  }
}
