import { VivifiedError } from "@vivified/runtime";
import { parseVerifierKey, signatureTypes, type VerifierKey } from "@vivified/tlog";

/** Somebody outside who watches that the log only grows, and signs that it did (tlog-witness). */
export type Witness = {
  readonly key: VerifierKey /** Submission prefix, with a slash at the end. */;
  readonly url: string;
};

/** From `<vkey> <url>`, one for each witness. @throws VivifiedError `invalid_config` */
export function parseWitnesses(settings: readonly string[]): readonly Witness[] {
  return settings.map((setting) => {
    const [vkey = "", url = "", ...more] = setting.trim().split(/\s+/);
    const key = parseVerifierKey(vkey);
    const isUsable = key?.type === signatureTypes.cosignature && /^https?:$/.test(URL.parse(url)?.protocol ?? "");
    if (key !== undefined && isUsable && more.length === 0) return { key, url: url.replace(/\/*$/, "/") };
    throw new VivifiedError("invalid_config", {
      detail: "AUDIT_LOG_WITNESSES must hold `<verifier key of a cosigner> <http(s) URL>`, separated by commas",
    });
  });
}
