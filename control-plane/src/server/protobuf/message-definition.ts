import type { AnyDefinition, MessageTypeDefinition, PackageDefinition } from "@grpc/proto-loader";

type Message = MessageTypeDefinition<object, object>;

/** The codec of a message type. @throws TypeError when the loaded protos have no such message. */
export function messageDefinition(protos: PackageDefinition, name: string): Message {
  const definition = protos[name];
  if (definition === undefined || !isMessage(definition)) throw new TypeError(`unknown message type ${name}`);
  return definition;
}

function isMessage(definition: AnyDefinition): definition is Message {
  return "serialize" in definition && typeof definition.serialize === "function";
}
