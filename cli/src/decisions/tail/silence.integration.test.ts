import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { AdminApi } from "../../platform/admin-api.ts";
import { coreThat } from "../core.fixtures.ts";
import { followDecisions } from "./follow-decisions.ts";
import { outage } from "./outage.ts";
import { openTail, says } from "./tail.fixtures.ts";

it("takes a core that says nothing for dead, and comes again", async () => {
  let opened = 0;
  await using core = await coreThat((_, reply) => {
    opened += 1;
    openTail(reply, opened === 1 ? says.place(5) : says.decision(6));
  });
  const [, url = "", , passwordFile = ""] = core.at;
  const password = (await readFile(passwordFile, "utf8")).trim();
  await using api = await AdminApi.open({ url, username: "admin", password });
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const open = () => api.stream("/admin/decisions/tail", { silenceMs: 300 });
  const places: number[] = [];
  for await (const { place } of followDecisions({ open, tell, outage: outage(tell) })) {
    places.push(place);
    if (place === 6) break;
  }
  expect([places, opened]).toEqual([[5, 6], 2]);
  expect(told).toEqual([expect.stringContaining("Timeout"), "core is followed again, from where it was"]);
});
