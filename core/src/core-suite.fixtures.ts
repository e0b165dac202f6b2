import type { TestNats } from "@vivified/runtime/nats-fixtures";
import { TestCore, TestGround } from "./core.fixtures.ts";
import type { PostgresOptions } from "./postgres.fixtures.ts";

export type CoreSuiteOptions = {
  /** Settings of every core on the ground. */
  readonly ground?: Record<string, string>;
  /** Settings of the one that is started. */
  readonly core?: Record<string, string>;
  readonly postgres?: PostgresOptions;
};

/** A core on a ground of its own, a connection to NATS as gateways have it, and the first admin's token. */
export type CoreSuite = AsyncDisposable & {
  readonly ground: TestGround;
  readonly core: TestCore;
  readonly nats: Awaited<ReturnType<TestNats["connect"]>>;
  readonly token: string;
};

/** What most suites of core begin with. A core that was started later in the place of the first is the suite's to end. */
export async function openCoreSuite(options: CoreSuiteOptions = {}): Promise<CoreSuite> {
  await using stack = new AsyncDisposableStack();
  const ground = stack.use(await TestGround.open(options.ground, options.postgres));
  const nats = stack.use(await ground.nats.connect("gateway"));
  const core = stack.use(await TestCore.start(ground, options.core));
  const token = await core.logIn();
  const opened = stack.move();
  return { ground, core, nats, token, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
