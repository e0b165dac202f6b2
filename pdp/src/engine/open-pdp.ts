import type { Decision, JsonObject, PolicyInputs } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { type PolicyDirectory, readPolicyDirectory } from "../build/policy-directory.ts";
import { type AnyEntrypoint, allEntrypoints } from "../entrypoints.ts";
import { type FieldDictionary, parseDictionary } from "../payload/dictionary.ts";
import { createJudge, type PolicyFailure } from "./judge.ts";
import { PolicyEngine } from "./policy-engine.ts";
import { VerdictCache } from "./verdict-cache.ts";

export type PdpOptions = {
  /** What `buildPolicies` made. */
  readonly directory: string;
  /** Largest question in bytes of JSON; 256 KiB unless said otherwise. */
  readonly maxInputBytes?: number;
  /** How many answers are kept for each question that may be; 4,096 unless said otherwise, 0 keeps none. */
  readonly maxCachedAnswers?: number;
  readonly onFailure?: (failure: PolicyFailure) => void;
};

/** The one door to policy. */
export type Pdp = AsyncDisposable & {
  /** Never rejects: whatever goes wrong is a denial with a rule of `platformRules`. */
  readonly decide: <E extends AnyEntrypoint>(entrypoint: E, input: PolicyInputs[E]) => Promise<Decision>;
  readonly revision: string;
  /** `data.json` as it was built. */
  readonly data: JsonObject;
  /** Its `dictionary`, ready for `describePayload`. */
  readonly dictionary: FieldDictionary;
};

const defaultMaxInputBytes = 256 * 1024;
const defaultMaxCachedAnswers = 4096;

/**
 * Opens a policy directory: verifies every digest, compiles the modules and makes an instance of each.
 *
 * @throws VivifiedError `invalid_config` when the directory is not what its manifest says.
 */
export async function openPdp(options: PdpOptions): Promise<Pdp> {
  const directory = await readPolicyDirectory(options.directory);
  const { manifest, data } = directory;
  const maxInputBytes = options.maxInputBytes ?? defaultMaxInputBytes;
  const engines = await openEngines(directory, maxInputBytes);
  const caches = openCaches(directory, options.maxCachedAnswers ?? defaultMaxCachedAnswers);
  const judge = createJudge({ engines, caches, maxInputBytes, onFailure: options.onFailure });
  return {
    decide: async (entrypoint, input) => {
      const verdict = await judge(entrypoint, input);
      return { id: uuidv7(), entrypoint, revision: manifest.revision, ...verdict };
    },
    revision: manifest.revision,
    data,
    dictionary: parseDictionary(data.dictionary),
    [Symbol.asyncDispose]: async () => {
      engines.clear();
      caches.clear();
    },
  };
}

async function openEngines(directory: PolicyDirectory, maxInputBytes: number): Promise<Map<string, PolicyEngine>> {
  const { data, dataBytes, modules } = directory;
  const opened = [...modules].map(async ([name, bytes]) => {
    const module = await WebAssembly.compile(new Uint8Array(bytes));
    const engine = new PolicyEngine({ module, moduleBytes: bytes.length, data, dataBytes, maxInputBytes });
    await engine.warm();
    return [name, engine] as const;
  });
  return new Map(await Promise.all(opened));
}

/** A revision's answers live and die with its engines: another revision is another PDP. */
function openCaches({ manifest }: PolicyDirectory, maxEntries: number): Map<AnyEntrypoint, VerdictCache> {
  const said = Object.assign({}, ...Object.values(manifest.modules).map(({ entrypoints }) => entrypoints));
  const cacheable = allEntrypoints.filter((entrypoint) => said[entrypoint]?.cacheable === true);
  return new Map(cacheable.map((entrypoint) => [entrypoint, new VerdictCache(maxEntries)]));
}
