import { describe, expect, it } from "vitest";
import { parseCases } from "./parse-cases.ts";

const given = `given:
  principals: { newsletter: { id: newsletter, traits: [] }, records: { id: records, traits: [handles_phi] } }
  resources:
    profile: { plugin: user-management, operation: get_user, traits: [], requires_traits: [] }
    patient: { event_type: PatientDataUpdated, traits: [phi], subscriber: records }
  fields: { email: { path: /email, type: string, traits: [pii] } }
`;

const read = (cases: string) => parseCases(`${given}cases:\n${cases}`, "a.yaml");
const faults = (cases: string) => read(cases).faults.map(({ row, column, message }) => `${row}:${column} ${message}`);

describe("a file of cases", () => {
  it("names once what several cases speak of", () => {
    const { cases } = read(`  - case: a profile
    ask: rpc/reply
    subject: newsletter
    resource: profile
    grant: g-1
    fields: [email, { path: /a, type: number, traits: [] }]
    nd: { time.now_ns: { "[]": 5 } }
    expect: { effect: sanitize, rules: [rpc.reply_granted], obligations: [{ path: /email, action: redact }] }
`);
    expect(cases).toEqual([
      {
        ...{ name: "a profile", entrypoint: "rpc/reply", file: "a.yaml", row: 8, column: 5 },
        input: {
          subject: { id: "newsletter", traits: [] },
          resource: { plugin: "user-management", operation: "get_user", traits: [], requires_traits: [] },
          grant: { id: "g-1" },
          fields: [
            { path: "/email", type: "string", traits: ["pii"] },
            { path: "/a", type: "number", traits: [] },
          ],
          attributes: {},
        },
        nd_builtin_cache: { "time.now_ns": { "[]": 5 } },
        expect: {
          effect: "sanitize",
          rules: ["rpc.reply_granted"],
          obligations: [{ path: "/email", action: "redact" }],
        },
      },
    ]);
  });

  it("replaces the name of a subscriber, too, and asks nothing about the payload of people's questions", () => {
    const { cases } =
      read(`  - { case: a, ask: events/deliver, subject: newsletter, resource: patient, expect: { effect: deny } }
  - { case: b, ask: admin/access, subject: newsletter, resource: { method: GET, route: / }, expect: { effect: deny } }
  - case: c
    ask: audit/mask
    input: { lane: rpc, entrypoint: rpc/invoke, fields: [], attributes: {} }
    expect: { effect: allow }
`);
    expect(cases[0]?.input).toMatchObject({ resource: { subscriber: { id: "records" } }, fields: [], attributes: {} });
    expect(cases[1]?.input).toEqual({
      subject: { id: "newsletter", traits: [] },
      resource: { method: "GET", route: "/" },
    });
    expect(cases[2]?.input).toEqual({ lane: "rpc", entrypoint: "rpc/invoke", fields: [], attributes: {} });
  });

  it("tells all that is wrong at once, each with its place", () => {
    expect(
      faults(`  - case: a
    ask: rpc/reply
    subject: nobody
    resource: profile
    fields: [email, phone]
    expect: { effect: deny }
  - case: a
    ask: rpc/invoke
    subject: newsletter
    resource: { plugin: p, operation: o, traits: [], requires_trait: [] }
    expect: { effect: deny }
`),
    ).toEqual([
      "10:14 there is no nobody in given.principals",
      "12:21 there is no phone in given.fields",
      "17:15 the question: /resource must have required properties requires_traits",
      "17:70 the question: /resource/requires_trait has no place here",
      '14:11 there is another case "a"',
    ]);
  });

  it.each([
    ["  - { case: a, ask: rpc/reply, subject: newsletter, resource: profile }\n", /8:5 .*required properties expect/],
    ["  - { case: a, ask: rpc/answer, expect: { effect: deny } }\n", /8:21 .*allowed.*rpc\/reply/],
    ["  - { case: a, ask: rpc/reply, expect: { effect: maybe } }\n", /8:50 .*allow.*sanitize.*deny/],
    ["  - { case: a, ask: rpc/reply, expct: { effect: deny } }\n", /8:39 \/cases\/0\/expct has no place here/],
    [
      "  - { case: a, ask: rpc/reply, input: {}, grant: g, expect: { effect: deny } }\n",
      /8:50 grant has no place beside/,
    ],
    ["  - { case: a, case: b }\n", /8:16 Map keys must be unique/],
    ["  - { case: a\n", /9:1 /],
    ["", /7:7 .*must be array/],
  ])("refuses %j", (cases, expected) => {
    expect(read(cases).cases).toEqual([]);
    expect(faults(cases).join("\n")).toMatch(expected);
  });
});
