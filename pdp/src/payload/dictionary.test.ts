import { describe, expect, it } from "vitest";
import { parseDictionary } from "./dictionary.ts";

const dictionary = parseDictionary({
  entries: [
    { title: "mail", traits: ["pii"], names: ["email", "e mail"], exact: ["mail"] },
    { title: "names", traits: ["pii"], names: ["full name"], exact: ["name"] },
    { title: "care", traits: ["phi"], names: ["diagnosis"], exact: [] },
    { title: "record", traits: ["phi", "direct_identifier"], names: ["medical record number"], exact: [] },
  ],
  prefixes: ["user", "home"],
  neutral: ["id", "verified"],
});

describe("field dictionary", () => {
  it.each([
    "email",
    "Email",
    "emails",
    "user_email",
    "userEmailAddress",
    "useremail",
    "E-Mail",
    "mail",
    "userMail",
    "name",
    "user_name",
    "userHomeName",
    "fullname",
  ])("knows %s for personal data", (name) => {
    expect(dictionary.traitsOf(name)).toEqual(["pii"]);
  });

  it.each(["email_id", "emailVerified", "file_name", "mail_server", "template", "", "toString", "__proto__"])(
    "says nothing about %s",
    (name) => {
      expect(dictionary.traitsOf(name)).toEqual([]);
    },
  );

  it("lets no last word take health data for something else", () => {
    expect(dictionary.traitsOf("diagnosis_id")).toEqual(["phi"]);
    expect(dictionary.traitsOf("patientMedicalRecordNumberVerified")).toEqual(["direct_identifier", "phi"]);
  });

  it("answers the same again, also after more names than it remembers", () => {
    for (let index = 0; index < 10_001; index++) dictionary.traitsOf(`name${index}x`);
    expect(dictionary.traitsOf("email")).toEqual(["pii"]);
  });

  it("says nothing at all without data", () => {
    expect(parseDictionary(undefined).traitsOf("email")).toEqual([]);
  });

  it.each([null, [], {}, { entries: "email", prefixes: [], neutral: [] }])("refuses %j", (data) => {
    expect(() => parseDictionary(data)).toThrow("invalid_config");
  });
});
