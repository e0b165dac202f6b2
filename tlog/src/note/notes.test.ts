import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { openNote } from "./open-note.ts";
import { cosign, signNote } from "./sign-note.ts";
import { formatVerifierKey, parseVerifierKey, signatureTypes, verifierKeyOf } from "./verifier-key.ts";

const newKey = () => generateKeyPairSync("ed25519").privateKey;
const log = { name: "example.org/audit", key: newKey() };
const witness = { name: "witness.example/w1", key: newKey() };
const logKey = verifierKeyOf(log.name, signatureTypes.note, log.key);
const witnessKey = verifierKeyOf(witness.name, signatureTypes.cosignature, witness.key);
const checkpoint = { origin: log.name, size: 20_852_163, root: Buffer.alloc(32, 7), extensions: [] };
const text = formatCheckpoint(checkpoint);
const note = signNote(text, log);

describe("verifier keys", () => {
  it("are read and written as in Go's documentation", () => {
    const published = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const key = parseVerifierKey(published);
    expect(key && formatVerifierKey(key)).toBe(published);
  });

  it("come back as they went out, for notes and for cosignatures", () => {
    for (const key of [logKey, witnessKey]) {
      const read = parseVerifierKey(formatVerifierKey(key));
      expect(read && { ...read, key: read.key.export({ format: "jwk" }) }).toEqual({
        ...key,
        key: key.key.export({ format: "jwk" }),
      });
    }
  });

  const right = formatVerifierKey(logKey);
  it.each([
    ["another id", right.replace(/\+[0-9a-f]{8}\+/, "+00000000+")],
    ["another name", `x${right}`],
    ["a name with a space", `a ${right}`],
    ["no name", right.replace(/^[^+]+/, "")],
    ["another type", right.replace(/\+A/, "+B")],
    ["a short key", right.slice(0, -4)],
    ["nothing", ""],
  ])("are refused with %s", (_, vkey) => {
    expect(parseVerifierKey(vkey)).toBeUndefined();
  });
});

describe("notes", () => {
  it("open with the signer's key, and tell the others", () => {
    const stranger = signNote(text, { name: "stranger", key: newKey() }).slice(text.length + 1);
    const opened = openNote(note + stranger, [logKey]);
    expect(opened).toMatchObject({ text, verified: [{ name: log.name }], unknown: [{ name: "stranger" }] });
  });

  it("open with either key of a log that has two, each by itself", () => {
    const next = { name: log.name, key: newKey() };
    const both = signNote(text, next, log);
    for (const key of [logKey, verifierKeyOf(next.name, signatureTypes.note, next.key)]) {
      expect(openNote(both, [key])).toMatchObject({ text, verified: [{ name: log.name, id: key.id }] });
      expect(openCheckpoint(both, { log: key })).toEqual({ checkpoint, cosignatures: [] });
    }
  });

  it("do not open when any bit changes", () => {
    const bytes = Buffer.from(note);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openNote(changed, [logKey]).fault).toMatch(/^(malformed|bad_signature|unknown_signer)$/);
      }),
      { numRuns: 500 },
    );
  });

  it("tell a swapped key from a wrong signature", () => {
    const other = verifierKeyOf(log.name, signatureTypes.note, newKey());
    expect(openNote(note, [other])).toEqual({ fault: "unknown_signer", signers: [log.name] });
    expect(openNote(note.replace("20852163", "20852164"), [logKey])).toEqual({
      fault: "bad_signature",
      signers: [log.name],
    });
  });

  const line = note.slice(text.length + 1);
  it.each([
    ["no signature", `${text}\n`],
    ["no blank line", text + line],
    ["no last newline", note.slice(0, -1)],
    ["a hyphen for the dash", note.replace("— ", "- ")],
    ["a control character", note.replace("2085", "20\t85")],
    ["a carriage return", note.replaceAll("\n", "\r\n")],
    ["base64 with needless bits", note.replace(/=\n$/, "\n")],
    ["a line behind the signature", `${note}more\n`],
    ["101 signatures", note + line.repeat(100)],
    ["bytes that are not UTF-8", Buffer.concat([Buffer.from([0xff]), Buffer.from(note)])],
    ["more than 1 MB", "x\n".repeat(500_001) + note],
  ])("are malformed with %s", (_, malformed) => {
    expect(openNote(malformed, [logKey])).toEqual({ fault: "malformed", signers: [] });
  });

  it("may hold empty lines", () => {
    const poem = "one\n\n\ntwo\n";
    expect(openNote(signNote(poem, log), [logKey])).toMatchObject({ text: poem });
  });
});

describe("checkpoints", () => {
  it("are three lines, and come back as they went out", () => {
    expect(text).toBe(`example.org/audit\n20852163\n${Buffer.alloc(32, 7).toString("base64")}\n`);
    expect(parseCheckpoint(text)).toEqual(checkpoint);
    const extended = { ...checkpoint, extensions: ["one", "two"] };
    expect(parseCheckpoint(formatCheckpoint(extended))).toEqual(extended);
  });

  it.each([
    ["no origin", text.replace(/^.*\n/, "\n")],
    ["a leading zero", text.replace("20852163", "020852163")],
    ["a negative size", text.replace("20852163", "-1")],
    ["a size beyond exact numbers", text.replace("20852163", "9007199254740993")],
    ["a short root", text.replace(/B/, "")],
    ["no end of line", text.slice(0, -1)],
    ["an empty extension", `${text}\nmore\n`],
  ])("are refused with %s", (_, wrong) => {
    expect(parseCheckpoint(wrong)).toBeUndefined();
  });

  it("open with the log's key, and tell the witnesses' times", () => {
    const cosigned = note + cosign(text, 1_679_315_147, witness);
    expect(openCheckpoint(cosigned, { log: logKey, witnesses: [witnessKey] })).toEqual({
      checkpoint,
      cosignatures: [{ name: witness.name, id: witnessKey.id, timestamp: 1_679_315_147 }],
    });
    expect(openCheckpoint(cosigned, { log: logKey })).toMatchObject({ cosignatures: [] });
  });

  it("are refused with a witness's wrong signature, with no signature of the log, and of another log", () => {
    const keys = { log: logKey, witnesses: [witnessKey] };
    const late = cosign(text, 1, witness);
    const elsewhere = cosign(formatCheckpoint({ ...checkpoint, size: 1 }), 1, witness);
    expect(openCheckpoint(note + elsewhere, keys)).toEqual({ fault: "bad_signature", signers: [witness.name] });
    expect(openCheckpoint(`${text}\n${late}`, keys)).toEqual({ fault: "unknown_signer", signers: [witness.name] });
    const foreign = signNote(formatCheckpoint({ ...checkpoint, origin: "example.org/other" }), log);
    expect(openCheckpoint(foreign, keys)).toEqual({ fault: "wrong_origin", signers: [log.name] });
    expect(openCheckpoint(signNote("no checkpoint\n", log), keys)).toMatchObject({ fault: "malformed" });
  });
});
