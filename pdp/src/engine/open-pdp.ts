import type { Decision, JsonObject, PolicyInputs } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { hostBuiltins } from "../builtins/host-builtins.ts";
import { bundleRefused, faultOf } from "../bundle/bundle-refused.ts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import type { AnyEntrypoint } from "../entrypoints.ts";
import { type FieldDictionary, parseDictionary } from "../payload/dictionary.ts";
import { compilePolicy } from "./compile-policy.ts";
import { createJudge, type PolicyFailure } from "./judge.ts";
import { type EngineStats, PolicyEngine } from "./policy-engine.ts";
import { VerdictCache } from "./verdict-cache.ts";

export type PdpOptions = {
  /** What `openBundle` or `buildBundle` gave. */
  readonly bundle: PolicyBundle;
  /** Largest question in bytes of JSON; 256 KiB unless said otherwise. */
  readonly maxInputBytes?: number;
  /** How many answers are kept for each question that may be; 4,096 unless said otherwise, 0 keeps none. */
  readonly maxCachedAnswers?: number;
  /** How many turns of loops and calls one evaluation may take, beside 40 for each byte of the question; two million. */
  readonly maxSteps?: number;
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
  /** Of every module, by its path. */
  readonly stats: () => ReadonlyMap<string, EngineStats>;
};

const defaultMaxInputBytes = 256 * 1024;
const defaultMaxCachedAnswers = 4096;
const defaultMaxSteps = 2_000_000;

/**
 * Opens a policy bundle: compiles its modules and makes an instance of each.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when a module or the dictionary cannot be used
 */
export async function openPdp(options: PdpOptions): Promise<Pdp> {
  const { bundle } = options;
  const { revision, data } = bundle;
  const maxInputBytes = options.maxInputBytes ?? defaultMaxInputBytes;
  const maxSteps = options.maxSteps ?? defaultMaxSteps;
  const modules = await openModules(bundle, maxInputBytes).catch(notRunnable);
  const engines = enginesOf(bundle, modules);
  const dictionary = dictionaryIn(data);
  const caches = openCaches(bundle, options.maxCachedAnswers ?? defaultMaxCachedAnswers);
  const judge = createJudge({ engines, caches, maxInputBytes, maxSteps, onFailure: options.onFailure });
  return {
    decide: async (entrypoint, input) => {
      const verdict = await judge(entrypoint, input);
      return { id: uuidv7(), entrypoint, revision, ...verdict };
    },
    revision,
    data,
    dictionary,
    stats: () => new Map([...modules].map(([name, { stats }]) => [name, stats])),
    [Symbol.asyncDispose]: async () => {
      engines.clear();
      caches.clear();
    },
  };
}

async function openModules(bundle: PolicyBundle, maxInputBytes: number): Promise<Map<string, PolicyEngine>> {
  const { data, dataBytes, modules } = bundle;
  const opened = [...modules].map(async ([name, bytes]) => {
    const module = await compilePolicy(bytes);
    const code = { module, moduleBytes: bytes.length, data, dataBytes, maxInputBytes, builtins: hostBuiltins };
    const engine = new PolicyEngine(code);
    await engine.warm();
    return [name, engine] as const;
  });
  return new Map(await Promise.all(opened));
}

/** One engine for each module, by the questions that it answers. */
const enginesOf = (
  { entrypoints }: PolicyBundle,
  modules: ReadonlyMap<string, PolicyEngine>,
): Map<AnyEntrypoint, PolicyEngine> =>
  new Map([...entrypoints].flatMap(([entrypoint, { module }]) => withEngine(entrypoint, modules.get(module))));

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
  if (faultOf(cause) !== undefined) throw cause;
  throw bundleRefused("not_runnable", "it cannot be run", cause);
}

/** A revision's answers live and die with its engines: another revision is another PDP. */
function openCaches({ entrypoints }: PolicyBundle, maxEntries: number): Map<AnyEntrypoint, VerdictCache> {
  const cacheable = [...entrypoints].filter(([, entrypoint]) => entrypoint.cacheable);
  return new Map(cacheable.map(([entrypoint]) => [entrypoint, new VerdictCache(maxEntries)]));
}
