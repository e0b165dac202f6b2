import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import type { TokenRequest } from "../testing/gateway-keys.ts";
import { type LaneStandIn, openLaneStandIn } from "../testing/lane-stand-in.ts";
import { CallTokenError, KeysUnavailableError, openCallTokens } from "./call-token.ts";

const parties = { issuer: "spiffe://vivified.local/gateway", audience: "spiffe://vivified.local/plugin/echo" };
const nowS = () => Math.floor(Date.now() / 1000);

describe("call tokens", () => {
  it("say who was permitted to do what under which decision", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    const caller = "spiffe://vivified.local/plugin/workflow-orchestrator";
    const token = await make(lane, { caller, claims: { decision_id: "d-1" } });
    expect(await tokens.verify(token)).toEqual({
      caller: "workflow-orchestrator",
      callerSpiffeId: caller,
      decisionId: "d-1",
      action: "rpc:echo",
    });
  });

  it.each<[string, Partial<TokenRequest>]>([
    ["for another plugin", { pluginId: "billing" }],
    ["of another issuer", { claims: { iss: "spiffe://other.example/gateway" } }],
    ["of another kind", { typ: "JWT" }],
    ["that expired", { claims: { iat: nowS() - 120, exp: nowS() - 60 } }],
    ["that lives too long", { claims: { iat: nowS() - 600, exp: nowS() + 600 } }],
    ["from the future", { claims: { iat: nowS() + 600, exp: nowS() + 660 } }],
    ["without an end", { claims: { exp: undefined } }],
    ["without an id", { claims: { jti: undefined } }],
    ["without an action", { claims: { action: undefined } }],
    ["without a decision", { claims: { decision_id: undefined } }],
  ])("refuses one %s", async (_which, request) => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    await expect(tokens.verify(await make(lane, request))).rejects.toThrow(CallTokenError);
  });

  it("refuses none, nonsense, an unsigned one and one of somebody else's key", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    const [header = "", claims = "", signature = ""] = (await make(lane)).split(".");
    const kid = JSON.parse(Buffer.from(header, "base64url").toString()).kid;
    const bad = [
      undefined,
      "",
      "nonsense",
      `${base64url({ alg: "none", typ: "vivified-call+jwt" })}.${claims}.`,
      `${base64url({ alg: "HS256", typ: "vivified-call+jwt", kid })}.${claims}.${signature}`,
      `${header}.${base64url({ ...JSON.parse(Buffer.from(claims, "base64url").toString()), sub: "x" })}.${signature}`,
      await signedBySomebodyElse(kid, JSON.parse(Buffer.from(claims, "base64url").toString())),
    ];
    for (const token of bad) await expect(tokens.verify(token)).rejects.toThrow(CallTokenError);
  });

  it("are good once", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    const token = await make(lane);
    await tokens.verify(token);
    await expect(tokens.verify(token)).rejects.toThrow("used before");
  });

  it("are good once even for the moment that clocks may differ", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    const token = await make(lane, { claims: { iat: nowS() - 30, exp: nowS() - 2 } });
    await tokens.verify(token);
    await expect(tokens.verify(token)).rejects.toThrow("used before");
  });

  it("are good once even when two arrive together", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    const token = await make(lane);
    const results = await Promise.allSettled([tokens.verify(token), tokens.verify(token)]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("fetches the keys once for many tokens, and again for a key it does not know", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties, { unknownKeyPauseMs: 0 });
    await tokens.verify(await make(lane));
    await tokens.verify(await make(lane));
    expect(lane.requests("GET /.well-known/jwks.json")).toHaveLength(1);
    await lane.keys.rotate();
    await tokens.verify(await make(lane));
    expect(lane.requests("GET /.well-known/jwks.json")).toHaveLength(2);
  });

  it("waits for the key of a second gateway that started right after the first", async () => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties, { unknownKeyPauseMs: 300 });
    for (const _ of ["first", "second", "third"]) {
      await lane.keys.rotate();
      await expect(tokens.verify(await make(lane))).resolves.toMatchObject({ caller: "core" });
    }
    expect(lane.requests("GET /.well-known/jwks.json")).toHaveLength(3);
  });

  it("waits once, and then refuses a key that nobody has", async () => {
    await using lane = await openLaneStandIn();
    await using elsewhere = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties, { unknownKeyPauseMs: 100 });
    await tokens.verify(await make(lane));
    await expect(tokens.verify(await make(elsewhere))).rejects.toThrow(CallTokenError);
    expect(lane.requests("GET /.well-known/jwks.json").length).toBeLessThanOrEqual(3);
  });

  it("takes no keys from where the platform only points to", async () => {
    await using elsewhere = await openLaneStandIn();
    const location = `${elsewhere.url}/.well-known/jwks.json`;
    const pointing = createServer((_, response) => response.writeHead(302, { location }).end()).listen(0, "127.0.0.1");
    await once(pointing, "listening");
    await using tokens = openCallTokens(`http://127.0.0.1:${(pointing.address() as AddressInfo).port}`, parties);
    await expect(tokens.verify(await make(elsewhere))).rejects.toThrow(KeysUnavailableError);
    expect(elsewhere.requests()).toEqual([]);
    pointing.close();
  });

  it.each([
    ["fails", { status: 503, body: {} }],
    ["is not JSON", { status: 200, text: "<html>" }],
    ["is not a key set", { status: 200, body: { nothing: true } }],
  ])("says that it cannot tell when the key set %s, and recovers", async (_how, answer) => {
    await using lane = await openLaneStandIn();
    await using tokens = openCallTokens(lane.url, parties);
    lane.answer("GET /.well-known/jwks.json", () => answer);
    await expect(tokens.verify(await make(lane))).rejects.toThrow(KeysUnavailableError);
    lane.answer("GET /.well-known/jwks.json", () => undefined);
    await expect(tokens.verify(await make(lane))).resolves.toMatchObject({ caller: "core" });
  });
});

function make(lane: LaneStandIn, over: Partial<TokenRequest> = {}): Promise<string> {
  return lane.keys.token({ pluginId: "echo", action: "rpc:echo", ...over });
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function signedBySomebodyElse(kid: string, claims: Record<string, unknown>): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519" });
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid, typ: "vivified-call+jwt" }).sign(privateKey);
}
