import { type JsonObject, type JsonValue, Refusal } from "@vivified/sdk";

/** What is known of a person. Only `department` and `manager` may be unknown. */
export type Profile = {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly department?: string;
  readonly manager?: string;
  /** When the user was created, RFC 3339. */
  readonly created_at: string;
};

const userId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** @throws Refusal `invalid` for what cannot be the id of a user */
export function readUserId(value: JsonValue | undefined): string {
  if (typeof value !== "string" || !userId.test(value)) throw new Refusal("invalid", "/user_id: is not a user id");
  return value;
}

/** Where a profile is kept. */
export function profileKey(id: string): string {
  return `profile:${id}`;
}

/** Reads a profile from what `UserCreated` carries. @throws Refusal `invalid` when a required field is absent */
export function readProfile(data: JsonObject, createdAt: string): Profile {
  const department = optionalText(data, "department");
  const manager = optionalText(data, "manager");
  return {
    user_id: readUserId(data.user_id),
    username: text(data, "username"),
    email: text(data, "email"),
    full_name: text(data, "full_name"),
    ...(department === undefined ? {} : { department }),
    ...(manager === undefined ? {} : { manager }),
    created_at: createdAt,
  };
}

function text(data: JsonObject, field: string): string {
  const value = data[field];
  if (typeof value !== "string" || value === "") throw new Refusal("invalid", `/${field}: must be given`);
  return value;
}

function optionalText(data: JsonObject, field: string): string | undefined {
  const value = data[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}
