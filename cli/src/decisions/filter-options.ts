import { lanes } from "@vivified/contracts";
import { type Command, Option } from "commander";

/** What a search and a tail can be narrowed to. */
export type FilterOptions = {
  readonly lane?: string;
  readonly caller?: string;
  readonly target?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly effect?: string;
  readonly rule?: string;
  readonly revision?: string;
  readonly wouldDeny?: boolean;
  readonly text?: string;
  readonly trace?: string;
};

/** Adds the filters that a search and a tail have in common. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option("--lane <lane>", "which lane").choices([...lanes, "core", "gateway", "mesh"]))
    .option("--caller <id>", "who acted: a plugin's id, `core`, or a user's id")
    .option("--target <id>", "the other side")
    .option("--action <action>", "publish, deliver, invoke, reply, connect, return, login …")
    .option("--resource <resource>", "what it was done to: an event type, plugin.operation, an address, a route")
    .addOption(new Option("--effect <effect>", "what was decided").choices(["allow", "sanitize", "deny"]))
    .option("--rule <id>", "a rule among the reasons")
    .option("--revision <revision>", "the policies that it was decided under")
    .option("--would-deny", "only what rules in mode report would have denied")
    .option("--text <words>", 'words of rules, messages and fixes; "a phrase", or and -without as in a web search')
    .option("--trace <id>", "one chain of actions, 32 hex digits");
}

/** As core's query has them; what was not asked for is left out. */
export function filterQuery(options: FilterOptions): URLSearchParams {
  const { lane, caller, target, action, resource, effect, rule, revision, wouldDeny, text, trace } = options;
  const asked = { lane, caller, target, action, resource, effect, rule, revision, text };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...asked, would_deny: wouldDeny, trace_id: trace }))
    if (value !== undefined) query.set(name, String(value));
  return query;
}
