import { auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "./connect-nats.ts";

const timeoutMs = 2_000;

/** What time it is at the leader of the audit stream: whose clock stamps the blocks. */
export async function natsTime(connection: NatsConnection): Promise<Date> {
  const subject = `$JS.API.STREAM.INFO.${auditEventsStream.name}`;
  const { ts } = (await connection.request(subject, "", { timeout: timeoutMs })).json<{ ts?: string }>();
  const time = new Date(ts ?? Number.NaN);
  if (Number.isNaN(time.getTime())) throw new Error("NATS tells no time");
  return time;
}
