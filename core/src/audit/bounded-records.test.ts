import { createLogger, MinuteBudget, newTrace } from "@vivified/runtime";
import { expect, it } from "vitest";
import { boundedRecords } from "./bounded-records.ts";
import { changeRecord } from "./change-record.ts";

const refusal = (rule: string) => {
  const reason = { rule, message: "No", fix: "" };
  const told = { caller: "anonymous", action: "GET /admin/users", resource: "/admin/users", trace: newTrace() };
  return changeRecord({ ...told, entrypoint: "refused", reason });
};

function open() {
  const recorded: unknown[] = [];
  const counted: string[] = [];
  const record = boundedRecords({
    stores: { decisions: { append: async (records) => void recorded.push(...records) } },
    budget: new MinuteBudget({ monotonicMs: () => 5 }),
    logger: createLogger({ process: "test", level: "silent" }),
    unrecorded: { inc: ({ rule }) => void counted.push(rule) },
  });
  const send = async (times: number, rule: string, address: string) => {
    for (let nth = 0; nth < times; nth += 1) await record(refusal(rule), address);
    return [recorded.splice(0).length, counted.splice(0).length];
  };
  return send;
}

it("records sixty of a network in a minute and counts the others, whatever addresses a /64 has", async () => {
  const send = open();
  expect(await send(70, "a", "10.0.0.1")).toEqual([60, 10]);
  expect(await send(70, "a", "10.0.0.2")).toEqual([60, 10]);
  expect(await send(60, "a", "2001:db8::1")).toEqual([60, 0]);
  expect(await send(1, "a", "2001:db8::2")).toEqual([0, 1]);
});

it("records six hundred in all, and another rule none the less", async () => {
  const send = open();
  for (let network = 0; network < 10; network += 1) await send(60, "a", `10.0.0.${network}`);
  expect(await send(1, "a", "10.0.1.1")).toEqual([0, 1]);
  expect(await send(1, "b", "10.0.1.1")).toEqual([1, 0]);
});

it("fails when what there is room for cannot be written", async () => {
  const record = boundedRecords({
    stores: { decisions: { append: () => Promise.reject(new Error("away")) } },
    budget: new MinuteBudget({ monotonicMs: () => 5 }),
    logger: createLogger({ process: "test", level: "silent" }),
    unrecorded: { inc: () => {} },
  });
  await expect(record(refusal("a"), "10.0.0.1")).rejects.toThrow("away");
});
