import type { PackageDefinition } from "@grpc/proto-loader";

/** A message's fields by name. */
export type MessageType = { readonly name: string; readonly fields: ReadonlyMap<string, FieldType> };
export type FieldType = {
  readonly kind: "one" | "many" | "map";
  /** Full name of the field's (for a map: the values') message type; absent for scalars and enums. */
  readonly message?: string;
};
export type MessageTypes = ReadonlyMap<string, MessageType>;

/** `DescriptorProto` (descriptor.proto) as proto-loader gives it: type names as the source wrote them, so relative. */
type Descriptor = {
  readonly name: string;
  readonly field: readonly { name: string; label: string; type: string; typeName: string }[];
  readonly nestedType: readonly Descriptor[];
  readonly options: { readonly mapEntry?: boolean } | null;
};

/** Makes the message types of loaded protos, nested ones too, findable by full name. */
export function messageTypes(protos: PackageDefinition): MessageTypes {
  const descriptors = new Map<string, Descriptor>();
  for (const [name, definition] of Object.entries(protos)) {
    if ("type" in definition) collect(name, definition.type as Descriptor, descriptors);
  }
  return new Map([...descriptors].map(([name, each]) => [name, messageType(name, each, descriptors)]));
}

function collect(name: string, descriptor: Descriptor, into: Map<string, Descriptor>): void {
  if (!("field" in descriptor)) return; // an enum
  into.set(name, descriptor);
  for (const nested of descriptor.nestedType) collect(`${name}.${nested.name}`, nested, into);
}

function messageType(name: string, descriptor: Descriptor, all: ReadonlyMap<string, Descriptor>): MessageType {
  const fields = descriptor.field.map((field): [string, FieldType] => {
    const message = field.type === "TYPE_MESSAGE" ? resolve(field.typeName, name, all) : undefined;
    const entry = message === undefined ? undefined : all.get(message);
    if (message !== undefined && entry?.options?.mapEntry === true) return [field.name, mapType(message, entry, all)];
    const kind = field.label === "LABEL_REPEATED" ? "many" : "one";
    return [field.name, message === undefined ? { kind } : { kind, message }];
  });
  return { name, fields: new Map(fields) };
}

function mapType(name: string, entry: Descriptor, all: ReadonlyMap<string, Descriptor>): FieldType {
  const value = entry.field.find((field) => field.name === "value");
  const message = value?.type === "TYPE_MESSAGE" ? resolve(value.typeName, name, all) : undefined;
  return message === undefined ? { kind: "map" } : { kind: "map", message };
}

/** Protobuf's name resolution: innermost scope first. */
function resolve(typeName: string, scope: string, all: ReadonlyMap<string, Descriptor>): string {
  if (typeName.startsWith(".")) return typeName.slice(1);
  for (const parts = scope.split("."); parts.length > 0; parts.pop()) {
    const candidate = [...parts, typeName].join(".");
    if (all.has(candidate)) return candidate;
  }
  return typeName;
}
