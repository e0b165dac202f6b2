import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type JsonObject, sdsFiles } from "@vivified/contracts";
import { replaceFile, type Svid } from "@vivified/runtime";

const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/**
 * Gives an SVID to Envoy: two SDS files (0600), each replaced by rename, which is what Envoy watches for. The bundle goes
 * first, so that a new leaf never meets an old bundle.
 */
export async function writeSdsFiles(directory: string, svid: Svid): Promise<void> {
  const { svid: own, bundle } = sdsFiles;
  await mkdir(join(directory, dirname(own.path)), { recursive: true, mode: 0o700 });
  await writeSecret(join(directory, bundle.path), {
    name: bundle.name,
    validation_context: { trusted_ca: { inline_string: svid.bundlePem } },
  });
  await writeSecret(join(directory, own.path), {
    name: own.name,
    tls_certificate: {
      certificate_chain: { inline_string: svid.chainPem },
      private_key: { inline_string: svid.keyPem },
    },
  });
}

function writeSecret(path: string, secret: JsonObject): Promise<void> {
  return replaceFile(path, JSON.stringify({ resources: [{ "@type": secretType, ...secret }] }));
}
