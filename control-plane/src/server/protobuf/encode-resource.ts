import type { PackageDefinition } from "@grpc/proto-loader";
import { isJsonObject, type JsonObject, type JsonValue } from "@vivified/contracts";
import type { EnvoyObject } from "../../resources/envoy-object.ts";
import { messageDefinition } from "./message-definition.ts";
import { type FieldType, type MessageTypes, messageTypes } from "./message-types.ts";

/** `google.protobuf.Any` as it goes on the wire. */
export type EncodedAny = { readonly type_url: string; readonly value: Buffer };
export type EncodeResource = (resource: EnvoyObject) => EncodedAny;

/**
 * Makes the encoder of Envoy JSON. proto-loader takes messages field by field, so what canonical protobuf JSON abbreviates
 * (durations, wrappers, Any) is written out first; a field that the protos do not know throws, where proto-loader would
 * drop it in silence.
 */
export function resourceEncoder(protos: PackageDefinition): EncodeResource {
  const types = messageTypes(protos);
  const encodeAny = ({ "@type": typeUrl, ...fields }: EnvoyObject): EncodedAny => {
    const name = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
    const message = writeOut(fields, name, { types, encodeAny });
    return { type_url: typeUrl, value: messageDefinition(protos, name).serialize(message) };
  };
  return encodeAny;
}

type Context = { readonly types: MessageTypes; readonly encodeAny: EncodeResource };
type Plain = { [field: string]: unknown };

function writeOut(fields: JsonObject, name: string, context: Context): Plain {
  const type = context.types.get(name);
  if (type === undefined) throw new TypeError(`unknown message type ${name}`);
  const written = Object.entries(fields).map(([key, value]) => {
    const field = type.fields.get(key);
    if (field === undefined) throw new TypeError(`${name} has no field ${key}`);
    return [key, fieldValue(value, field, context)];
  });
  return Object.fromEntries(written);
}

function fieldValue(value: JsonValue, field: FieldType, context: Context): unknown {
  const { message } = field;
  if (message === undefined) return value;
  const one = (inner: JsonValue) => messageValue(inner, message, context);
  if (field.kind === "many" && Array.isArray(value)) return value.map(one);
  if (field.kind !== "map" || !isJsonObject(value)) return one(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, one(inner)]));
}

function messageValue(value: JsonValue, message: string, context: Context): unknown {
  if (message === "google.protobuf.Duration") return duration(value);
  if (/^google\.protobuf\.(Bool|String|Bytes|Double|Float|U?Int(32|64))Value$/.test(message)) return { value };
  if (!isJsonObject(value)) throw new TypeError(`${message} must be an object`);
  return message === "google.protobuf.Any" ? context.encodeAny(asAny(value)) : writeOut(value, message, context);
}

function asAny(value: JsonObject): EnvoyObject {
  const typeUrl = value["@type"];
  if (typeof typeUrl !== "string") throw new TypeError("an Any needs @type");
  return { ...value, "@type": typeUrl };
}

function duration(value: JsonValue): Plain {
  const [, seconds, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?s$/.exec(String(value)) ?? [];
  if (seconds === undefined) throw new TypeError(`not a duration: ${String(value)}`);
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
}
