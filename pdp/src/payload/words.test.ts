import { describe, expect, it } from "vitest";
import { wordsOf } from "./words.ts";

describe("wordsOf", () => {
  it.each([
    ["homeAddress", ["home", "address"]],
    ["home_address", ["home", "address"]],
    ["HOME-ADDRESS", ["home", "address"]],
    ["home address", ["home", "address"]],
    ["patientSSN", ["patient", "ssn"]],
    ["SSNNumber", ["ssn", "number"]],
    ["address2", ["address", "2"]],
    ["eMail", ["e", "mail"]],
  ])("reads %s however it is written", (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });

  it.each([
    ["addresses", "address"],
    ["diagnoses", "diagnosis"],
    ["allergies", "allergy"],
    ["emails", "email"],
    ["status", "status"],
    ["address", "address"],
    ["diagnosis", "diagnosis"],
    ["ids", "id"],
  ])("takes %s for %s", (plural, word) => {
    expect(wordsOf(plural)).toEqual([word]);
  });

  it("is not deceived by full-width letters, accents or invisible characters", () => {
    expect(wordsOf("ｅｍａｉｌ")).toEqual(["email"]);
    expect(wordsOf("e\u200bmail")).toEqual(["email"]);
    expect(wordsOf("ema\u0301il")).toEqual(["email"]);
  });

  it("finds no words in punctuation", () => {
    expect(wordsOf("--__.")).toEqual([]);
  });
});
