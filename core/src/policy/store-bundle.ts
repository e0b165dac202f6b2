import { bundleRefused } from "@vivified/pdp";
import { splitPieces } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import type { AdmitBundle, AdmittedBundle } from "./admit-bundle.ts";
import type { Requester } from "./guard-admin.ts";
import type { KeptBundle, NewBundle, PolicyStore } from "./policy-store.ts";

export type StoreBundleDeps = {
  readonly admit: AdmitBundle;
  readonly atomically: Atomically<Pick<Stores, "policies" | "decisions">>;
};

/**
 * Keeps a bundle that was checked, so that it can be put in force. The same archive again changes nothing.
 *
 * @throws VivifiedError `policy_bundle_refused`: any fault of the archive, `revision_reused` for other bytes under a known
 *   revision
 */
export async function storeBundle(archive: Uint8Array, by: Requester, deps: StoreBundleDeps): Promise<KeptBundle> {
  const bundle = await deps.admit(archive);
  return deps.atomically(async (stores) => {
    await stores.policies.lock("wait");
    return keepBundle({ archive, bundle }, by, stores);
  });
}

type Admitted = { readonly archive: Uint8Array; readonly bundle: AdmittedBundle };

/** In a transaction that holds the lock. @throws VivifiedError `policy_bundle_refused` `revision_reused` */
export async function keepBundle(
  admitted: Admitted,
  by: Requester,
  { policies, decisions }: { readonly policies: PolicyStore; readonly decisions: Pick<Stores["decisions"], "append"> },
): Promise<KeptBundle> {
  const added = newBundle(admitted, by);
  const known = await policies.findBundle(added.revision);
  if (known !== undefined) return sameBytes(known, added);
  await policies.addBundle(added);
  await decisions.append([changeRecord({ ...by, ...told(added) })]);
  const { archive, ...kept } = added;
  return { ...kept, bytes: archive.length };
}

function newBundle({ archive, bundle }: Admitted, by: Requester): NewBundle {
  return {
    revision: bundle.revision,
    sha256: bundle.sha256,
    archive,
    parts: splitPieces(archive).map(({ sha256 }) => sha256),
    serial: bundle.serial,
    rules: bundle.rules.length,
    relaxed: [...bundle.relaxed],
    key_id: bundle.keyId,
    stored_at: new Date().toISOString(),
    stored_by: by.caller,
  };
}

function sameBytes(known: KeptBundle, { sha256, revision }: NewBundle): KeptBundle {
  if (known.sha256 === sha256) return known;
  throw bundleRefused("revision_reused", `revision ${revision} is another bundle (${known.sha256})`);
}

const reason = { rule: "policy.bundle_stored", message: "A policy bundle was checked and kept", fix: "" };

function told({ revision, sha256, key_id, serial }: NewBundle) {
  const labels = { sha256, key_id, serial: String(serial) };
  return { action: "store policy bundle", resource: `policy ${revision}`, target: revision, reason, labels };
}
