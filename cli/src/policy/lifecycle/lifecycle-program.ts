import type { PolicyActivation, PolicyOverview } from "@vivified/contracts";
import { type Command, InvalidArgumentError } from "commander";
import { addCoreOptions } from "../../core/core-options.ts";
import { exitCodeHelp } from "../exit-code.ts";
import { exitCodeMeanings, exitCodes, waitingMeanings } from "./exit-codes.ts";
import { publish } from "./publish.ts";
import { type LifecycleOptions, runLifecycle } from "./run-lifecycle.ts";
import { reportShadow, startShadow, stopShadow } from "./shadow.ts";
import { statusText } from "./status-text.ts";
import { tellActivation } from "./tell-activation.ts";

type Noted = LifecycleOptions & { readonly note: string; readonly wait: number };
type Waiting = LifecycleOptions & { readonly wait: number };

/** `vivified policy publish | approve | reject | rollback | status | shadow` */
export function addLifecycleCommands(policy: Command): void {
  addPublication(policy);
  addDecisions(policy);
  addStatus(policy);
  addShadow(policy.command("shadow").description("let a candidate judge live traffic, without effect"));
}

function addPublication(policy: Command): void {
  const published = policy
    .command("publish")
    .description("put a policy in force: uploads the bundle when it is a file, and waits for the gateways")
    .argument("<bundle|revision>", "a signed bundle, or the revision of one that core keeps");
  waiting(noted(published)).action(async (bundle: string, options: Noted) =>
    runLifecycle(options, async (api) => tellActivation(api, await publish(bundle, options.note, api), options.wait)),
  );
  const back = policy
    .command("rollback")
    .description("put a policy in force again that was before: without a revision the one before the active one")
    .argument("[revision]", "one that was in force before");
  waiting(noted(back)).action(async (revision: string | undefined, options: Noted) =>
    runLifecycle(options, async (api) => {
      const body = { note: options.note, ...(revision !== undefined && { revision }) };
      const activation = await api.call<PolicyActivation>("POST", "/admin/policies/rollback", body);
      return tellActivation(api, activation, options.wait);
    }),
  );
}

function addDecisions(policy: Command): void {
  const approve = policy
    .command("approve")
    .description("let a policy that waits take effect, as a second person")
    .argument("<activation>", "its number, as `status` shows it", numberOf);
  waiting(approve).action(async (id: number, options: Waiting) =>
    runLifecycle(options, async (api) => tellActivation(api, await decided(api, id, "approve"), options.wait)),
  );
  const reject = policy
    .command("reject")
    .description("end the request for a policy that waits; whoever asked may do so, too")
    .argument("<activation>", "its number, as `status` shows it", numberOf);
  ending(reject).action(async (id: number, options: LifecycleOptions) =>
    runLifecycle(options, async (api) => {
      const activation = await decided(api, id, "reject");
      const text = `policy ${activation.revision} was rejected (activation ${id})`;
      return { json: { activation }, text, code: exitCodes.done };
    }),
  );
}

const decided = (api: { call: CallActivation }, id: number, verb: "approve" | "reject") =>
  api.call("POST", `/admin/policies/activations/${id}/${verb}`);
type CallActivation = (method: "POST", path: string) => Promise<PolicyActivation>;

function addStatus(policy: Command): void {
  const status = policy
    .command("status")
    .description("what is in force on each gateway, what waits, what was, and how it stands with source and candidate");
  ending(status).action(async (options: LifecycleOptions) =>
    runLifecycle(options, async (api) => {
      const json = await api.call<PolicyOverview>("GET", "/admin/policies");
      return { json, text: statusText(json), code: exitCodes.done };
    }),
  );
}

function addShadow(shadow: Command): void {
  ending(shadow.command("start").description("begin, with a bundle or a revision that core keeps"))
    .argument("<bundle|revision>", "a signed bundle, or the revision of one that core keeps")
    .action((bundle: string, options: LifecycleOptions) => runLifecycle(options, (api) => startShadow(bundle, api)));
  ending(shadow.command("stop").description("end it")).action((options: LifecycleOptions) =>
    runLifecycle(options, stopShadow),
  );
  ending(shadow.command("report").description("what it would have done, over all gateways")).action(
    (options: LifecycleOptions) => runLifecycle(options, reportShadow),
  );
}

function noted(command: Command): Command {
  return command.requiredOption("-m, --note <text>", "why, for whoever reads the log");
}

function waiting(command: Command): Command {
  const option = ["--wait <seconds>", "how long to wait for the gateways, 0 not at all", secondsOf, 10] as const;
  return ending(command.option(...option), waitingMeanings);
}

function ending(command: Command, codes: Readonly<Record<number, string>> = exitCodeMeanings): Command {
  return addCoreOptions(command).option("--json", "as JSON").addHelpText("after", exitCodeHelp(codes));
}

function numberOf(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("it is a whole number.");
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text !== "" && seconds >= 0 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("it is a number of seconds from 0 to 3600.");
}
