import { gatewayWriter, instanceName } from "../instances.ts";
import type { SecretFile } from "../secrets.ts";
import type { NatsUser } from "./nats-permissions.ts";

/** The users of a platform, and their passwords. */
export type NatsLogins = {
  readonly installer: SecretFile;
  readonly "events-installer": SecretFile;
  readonly core: SecretFile;
  readonly "control-plane": SecretFile;
  /** One for each gateway. */
  readonly gateways: readonly SecretFile[];
};

/** Makes what is not there yet. */
export async function openNatsLogins(secret: (name: string) => Promise<SecretFile>, gateways: number) {
  const logIn = (name: string) => secret(`nats-${name}`);
  const instances = Array.from({ length: gateways }, (_, at) => at + 1);
  return {
    installer: await logIn("installer"),
    "events-installer": await logIn("events-installer"),
    core: await logIn("core"),
    "control-plane": await logIn("control-plane"),
    gateways: await Promise.all(instances.map((instance) => logIn(instanceName("gateway", instance)))),
  } satisfies NatsLogins;
}

/** Each user as nats-server is told of it. */
export function natsUsersOf({
  gateways,
  ...others
}: NatsLogins): readonly (NatsUser & { readonly password: string })[] {
  const kinds = ["installer", "events-installer", "core", "control-plane"] as const;
  return [
    ...kinds.map((kind) => ({ kind, name: kind, password: others[kind].text })),
    ...gateways.map(({ text: password }, at) => ({
      ...{ kind: "gateway" as const, name: instanceName("gateway", at + 1), writer: gatewayWriter(at + 1), password },
    })),
  ];
}
