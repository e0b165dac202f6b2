import type { Decision, JsonObject, PolicyInputs } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { bundleRefused } from "../bundle/bundle-refused.ts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import type { AnyEntrypoint } from "../entrypoints.ts";
import { type FieldDictionary, parseDictionary } from "../payload/dictionary.ts";
import { createJudge, type PolicyFailure } from "./judge.ts";
import { PolicyEngine } from "./policy-engine.ts";
import { VerdictCache } from "./verdict-cache.ts";

export type PdpOptions = {
  /** What `openBundle` or `buildBundle` gave. */
  readonly bundle: PolicyBundle;
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
 * Opens a policy bundle: compiles its modules and makes an instance of each.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when a module or the dictionary cannot be used
 */
export async function openPdp(options: PdpOptions): Promise<Pdp> {
  const { bundle } = options;
  const { revision, data } = bundle;
  const maxInputBytes = options.maxInputBytes ?? defaultMaxInputBytes;
  const engines = await openEngines(bundle, maxInputBytes).catch(notRunnable);
  const dictionary = dictionaryIn(data);
  const caches = openCaches(bundle, options.maxCachedAnswers ?? defaultMaxCachedAnswers);
  const judge = createJudge({ engines, caches, maxInputBytes, onFailure: options.onFailure });
  return {
    decide: async (entrypoint, input) => {
      const verdict = await judge(entrypoint, input);
      return { id: uuidv7(), entrypoint, revision, ...verdict };
    },
    revision,
    data,
    dictionary,
    [Symbol.asyncDispose]: async () => {
      engines.clear();
      caches.clear();
    },
  };
}

/** One engine for each module, by the questions that it answers. */
async function openEngines(bundle: PolicyBundle, maxInputBytes: number): Promise<Map<AnyEntrypoint, PolicyEngine>> {
  const { data, dataBytes, modules, entrypoints } = bundle;
  const opened = [...modules].map(async ([name, bytes]) => {
    const module = await WebAssembly.compile(new Uint8Array(bytes));
    const engine = new PolicyEngine({ module, moduleBytes: bytes.length, data, dataBytes, maxInputBytes });
    await engine.warm();
    return [name, engine] as const;
  });
  const engines = new Map(await Promise.all(opened));
  return new Map([...entrypoints].flatMap(([entrypoint, { module }]) => withEngine(entrypoint, engines.get(module))));
}

const withEngine = (entrypoint: AnyEntrypoint, engine: PolicyEngine | undefined) =>
  engine === undefined ? [] : [[entrypoint, engine] as const];

function dictionaryIn(data: JsonObject): FieldDictionary {
  try {
    return parseDictionary(data.dictionary);
  } catch (cause) {
    return notRunnable(cause);
  }
}

function notRunnable(cause: unknown): never {
  throw bundleRefused("not_runnable", "it cannot be run", cause);
}

/** A revision's answers live and die with its engines: another revision is another PDP. */
function openCaches({ entrypoints }: PolicyBundle, maxEntries: number): Map<AnyEntrypoint, VerdictCache> {
  const cacheable = [...entrypoints].filter(([, entrypoint]) => entrypoint.cacheable);
  return new Map(cacheable.map(([entrypoint]) => [entrypoint, new VerdictCache(maxEntries)]));
}
