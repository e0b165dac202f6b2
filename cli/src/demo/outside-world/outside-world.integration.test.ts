import { Resolver } from "node:dns/promises";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { names, type OutsideWorld, openOutsideWorld, outsideAddress } from "./outside-world.ts";

describe("the outside world of the demo", () => {
  let world: OutsideWorld;
  beforeAll(async () => {
    world = await openOutsideWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("answers for its names and for no other", async () => {
    const resolver = new Resolver();
    resolver.setServers([world.names.address]);
    expect(await resolver.resolve4(names.mail)).toEqual([outsideAddress]);
    expect(await resolver.resolve4(names.intranet)).toEqual(["10.0.0.7"]);
    await expect(resolver.resolve4("elsewhere.example")).rejects.toThrow("ENOTFOUND");
    await expect(resolver.resolve6(names.mail)).rejects.toThrow("ENODATA");
  });

  it("catches mail", async () => {
    const transport = createTransport({ host: outsideAddress, port: world.mail.port, ignoreTLS: true });
    await transport.sendMail({ from: "a@x.example", to: "b@y.example", subject: "Hi", text: "Hello Bée" });
    expect(world.mail.caught).toMatchObject([
      { from: "a@x.example", to: ["b@y.example"], mail: { subject: "Hi", text: "Hello Bée\n" } },
    ]);
  });

  it("takes preferences", async () => {
    const reply = await fetch(`http://${outsideAddress}:${world.preferences.port}/v1/x`, { method: "PUT", body: "{}" });
    expect(await reply.json()).toMatchObject({ status: "saved" });
    expect(world.preferences.requests).toMatchObject([{ method: "PUT", path: "/v1/x", body: "{}" }]);
  });
});
