import { describe, expect, it } from "vitest";
import { parseDictionary } from "./dictionary.ts";

const dictionary = parseDictionary({
  entries: [
    { title: "mail", traits: ["pii"], names: ["email", "e mail"], exact: ["mail"] },
    { title: "names", traits: ["pii"], names: ["full name"], exact: ["name"] },
    { title: "care", traits: ["phi"], names: ["diagnosis"], exact: [] },
    { title: "state", traits: ["pii"], names: ["marital status", "device id"], exact: [] },
    { title: "record", traits: ["phi", "direct_identifier"], names: ["medical record number"], exact: [] },
  ],
  prefixes: ["user", "home"],
  suffixes: ["address"],
  neutral: ["id", "verified", "status"],
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
    "useremailaddress",
    "marital_status",
    "myMaritalStatus",
    "device_id",
  ])("knows %s for personal data", (name) => {
    expect(dictionary.traitsOf(name)).toEqual(["pii"]);
  });

  it.each([
    "email_id",
    "emailVerified",
    "full_name_status",
    "device_id_status",
    "file_name",
    "mail_server",
    "template",
    "",
    "toString",
    "__proto__",
  ])("says nothing about %s", (name) => {
    expect(dictionary.traitsOf(name)).toEqual([]);
  });

  it("lets no last word take health data for something else", () => {
    expect(dictionary.traitsOf("diagnosis_id")).toEqual(["phi"]);
    expect(dictionary.traitsOf("patientMedicalRecordNumberVerified")).toEqual(["direct_identifier", "phi"]);
  });

  it("takes the names that a field lies in for its first words", () => {
    expect(dictionary.traitsOf("status", ["marital"])).toEqual(["pii"]);
    expect(dictionary.traitsOf("record_number", ["patient", "medical"])).toEqual(["direct_identifier", "phi"]);
    expect(dictionary.traitsOf("number", ["medical", "records"])).toEqual(["direct_identifier", "phi"]);
    expect(dictionary.traitsOf("mail", ["e"])).toEqual(["pii"]);
  });

  it("says nothing of a field for what only the names above it mean", () => {
    expect(dictionary.traitsOf("size", ["marital", "status"])).toEqual([]);
    expect(dictionary.traitsOf("marital", ["status"])).toEqual([]);
    expect(dictionary.traitsOf("verified", ["email"])).toEqual([]);
  });

  it("takes no name that looks like a place for that place", () => {
    expect(dictionary.traitsOf(JSON.stringify(["status", "marital"]))).toEqual([]);
    expect(dictionary.traitsOf("status", ["marital"])).toEqual(["pii"]);
  });

  it("answers the same again, also after more names than it remembers", () => {
    for (let index = 0; index < 10_001; index++) dictionary.traitsOf(`name${index}x`);
    expect(dictionary.traitsOf("email")).toEqual(["pii"]);
  });

  it("says nothing at all without data", () => {
    expect(parseDictionary(undefined).traitsOf("email")).toEqual([]);
  });

  it.each([null, [], {}, { entries: "email", prefixes: [], suffixes: [], neutral: [] }])("refuses %j", (data) => {
    expect(() => parseDictionary(data)).toThrow("invalid_config");
  });
});
