import { devModeOnly, secretString } from "@vivified/runtime";
import { Type } from "typebox";

const ms = (description: string, standard: number, minimum = 1_000) =>
  Type.Integer({ description, default: standard, minimum });
const text = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 2_000 }));

/** What core's configuration says about alerts: `VIVIFIED_CORE_ALERT_*`. */
export const alertSettings = {
  alertIntervalMs: ms("How often the rules look.", 15_000, 100),
  alertRepeatMs: ms("How long after an alert was told it is told again while it lasts.", 3_600_000),
  alertDeadAfterMs: ms("How long a notice is tried before it is given up.", 3 * 24 * 3_600_000),
  alertDenialsWindowMs: ms("Denials are counted in this window.", 300_000),
  alertDenialsBaselineMs: ms("And compared with the mean of such windows in this time before.", 3_600_000),
  alertDenialsFactor: Type.Number({ description: "So many times the baseline is a spike.", default: 5, minimum: 1 }),
  alertDenialsMinimum: Type.Integer({ description: "From so many denials on.", default: 100, minimum: 1 }),
  alertIngestLateMs: ms("How long blocks may wait for core, and core's records for their block.", 300_000, 100),
  alertStreamRoomBytes: Type.Optional(
    Type.Integer({
      description: "How many bytes there is room for in the audit stream, where NATS has no bound for it.",
      minimum: 1,
    }),
  ),
  alertCheckpointLateMs: ms("How long records may wait for a checkpoint.", 300_000),
  alertMailUrl: text("The operator's mail server: smtps://host:port, or smtp://host:port with STARTTLS."),
  alertMailFrom: text("Whom alert mails come from: one address."),
  alertMailTo: Type.Array(Type.String({ minLength: 3, maxLength: 254 }), {
    description: "Who gets alert mails: addresses.",
    default: [],
    maxItems: 20,
  }),
  alertMailUser: text("User at the mail server, where it asks for one."),
  alertMailPassword: Type.Optional(secretString({ description: "Password at the mail server." })),
  alertMailCaFile: text("Trusted roots (PEM) for the mail server; the system's when absent."),
  alertWebhookUrl: text("Where alerts are POSTed to, https."),
  alertWebhookSecret: Type.Optional(secretString({ description: "What webhooks are signed with: whsec_<base64>." })),
  alertWebhookCaFile: text("Trusted roots (PEM) for the webhook; the system's when absent."),
  insecureAlertChannels: devModeOnly(
    Type.Boolean({ description: "Alerts may leave without TLS. Dev mode only.", default: false }),
  ),
};
