import { Type } from "typebox";
import { expect, it } from "vitest";
import { describeConfig } from "./describe-config.ts";
import { listOf, secretString } from "./fields.ts";
import { loadConfig } from "./load-config.ts";

const schema = Type.Object({
  natsUrl: Type.String({ description: "NATS" }),
  hookUrl: Type.Optional(Type.String({ description: "Hook" })),
  password: secretString({ description: "Password" }),
  other: Type.Optional(secretString({ description: "Another" })),
  witnesses: listOf(Type.String(), { description: "Witnesses", default: [] }),
  days: Type.Integer({ description: "Days", default: 31 }),
});
const described = (env: Record<string, string>) =>
  describeConfig(schema, loadConfig("X_", schema, { X_NATS_URL: "nats://n:4222", X_PASSWORD: "hunter2", ...env }));

it("says what was set or is the default, and of a secret only that there is one", () => {
  expect(described({})).toEqual({
    NATS_URL: "nats://n:4222",
    PASSWORD: "[secret]",
    WITNESSES: "",
    DAYS: "31",
  });
});

it("keeps what may be secret in a URL to itself, in lists, too", () => {
  const told = described({
    X_HOOK_URL: "https://user:pass@hook.example:8443/T0/secret?token=1#x",
    X_WITNESSES: "w+key+AbC= https://w.example/secret,http://[",
  });
  expect(told.HOOK_URL).toBe("https://hook.example:8443");
  expect(told.WITNESSES).toBe("w+key+AbC= https://w.example,[no URL]");
  expect(JSON.stringify(told)).not.toMatch(/secret(?!])|user|pass@|hunter2/);
});
