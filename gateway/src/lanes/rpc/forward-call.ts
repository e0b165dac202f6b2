import { formatTraceparent, type JsonObject, type JsonValue, type Problem, pluginHeaders } from "@vivified/contracts";
import { childSpan, parseStrictJson, VivifiedError } from "@vivified/runtime";
import type { CallTokens } from "../../call-token/call-tokens.ts";
import type { PluginClient, PluginReply } from "../../peer/plugin-client.ts";
import { acceptPayload } from "../../pep/accept-payload.ts";
import { type Granted, type Permit, spend } from "../../pep/permit.ts";
import type { SchemaChecks } from "../../pep/schema-checks.ts";
import { tellWhetherAgain } from "../../pep/tell-whether-again.ts";
import type { Operation } from "../../snapshot/snapshot.ts";
import { callPath, hasBody } from "./call-path.ts";

export type TargetReply = { readonly status: number; readonly payload: JsonObject; readonly bytes: number };

export type ForwardCallDeps = {
  readonly plugins: PluginClient;
  readonly callTokens: Pick<CallTokens, "sign">;
  readonly checkSchema: SchemaChecks;
};

/**
 * The lane's effect: sends what was permitted to whom it was permitted. A failure says whether the same call may be made
 * again: once its target may have been reached, only an idempotent operation may.
 *
 * @throws VivifiedError `target_failed` 502 (broken, or it answered ≥ 500), `target_timeout` 504, `target_unavailable`
 *   503, `invalid` 422
 */
export async function forwardCall(permit: Permit<"rpc/invoke">, deps: ForwardCallDeps): Promise<TargetReply> {
  const granted = spend(permit);
  const { target: plugin, operation } = granted.resource;
  const path = callPath(operation, granted.payload);
  const headers = await headersOf(granted, permit.decision.id, deps);
  const body = hasBody(operation) ? { body: JSON.stringify(granted.payload) } : {};
  const { method, timeoutMs } = operation;
  try {
    return acceptReply(await deps.plugins.send({ plugin, method, path, headers, timeoutMs, ...body }), operation, deps);
  } catch (error) {
    const neverSent = error instanceof VivifiedError && error.code === "target_unavailable";
    throw neverSent ? error : tellWhetherAgain(error, operation);
  }
}

async function headersOf(granted: Granted<"rpc/invoke">, decisionId: string, deps: ForwardCallDeps) {
  const { subject, resource, traceId } = granted;
  const token = await deps.callTokens.sign({
    sub: subject.spiffeId,
    aud: resource.target.spiffeId,
    decision_id: decisionId,
    action: `rpc:${resource.operation.name}`,
  });
  return {
    accept: "application/json",
    ...(hasBody(resource.operation) ? { "content-type": "application/json" } : {}),
    [pluginHeaders.caller]: subject.id,
    [pluginHeaders.trace]: traceId,
    [pluginHeaders.decision]: decisionId,
    [pluginHeaders.token]: token,
    traceparent: formatTraceparent(childSpan({ traceId })),
  };
}

/** A target answers with a JSON object as declared, or with nothing; anything else is broken. */
function acceptReply({ status, body }: PluginReply, { output }: Operation, deps: ForwardCallDeps): TargetReply {
  if (status >= 500 || status < 200 || (status >= 300 && status < 400)) throw broken({ upstream_status: status });
  const payload = body === "" ? {} : acceptPayload(parse(body));
  if (payload === undefined) throw broken({ detail: "the target's reply is not a JSON object", executed: true });
  if (status < 300 && deps.checkSchema(payload, output).length > 0) {
    throw broken({ detail: "the target's reply breaks its own schema", executed: true });
  }
  return { status: status === 204 ? 200 : status, payload, bytes: Buffer.byteLength(body) };
}

function parse(body: string): JsonValue {
  try {
    return parseStrictJson(body);
  } catch (cause) {
    const detail = "the target's reply is not strict JSON";
    throw new VivifiedError("target_failed", { detail, extra: { executed: true }, cause });
  }
}

function broken(extra: Partial<Problem>): VivifiedError {
  return new VivifiedError("target_failed", { extra });
}
