import type { AlertRuleName, AlertSeverity } from "@vivified/contracts";

/** What a rule saw: an alert about `subject`, for which `evidenceAt` is the latest moment that speaks. */
export type Finding = {
  readonly rule: AlertRuleName;
  readonly subject: string;
  readonly severity: AlertSeverity;
  /** One sentence for people: names and counts, never payloads. */
  readonly message: string;
  readonly evidenceAt: Date;
  /** Others choose the subject's name, so there may be any number: bounds hold for these. */
  readonly anyName?: boolean;
  readonly labels?: { readonly [name: string]: string };
};

/** Looks at how things stand; the same things twice give the same alert. */
export type AlertRule = {
  readonly name: AlertRuleName;
  readonly look: () => Promise<readonly Finding[]>;
  /** What was found is kept as an alert: it need not be found again. */
  readonly kept?: () => void;
  /**
   * When an alert ends that is not found any more: after so many milliseconds without evidence, or `acknowledged` only,
   * where somebody has to have looked.
   */
  readonly ends: number | "acknowledged";
  /** Where all that the rule finds can be read, where `anyName` is said of it: many do not get an alert each. */
  readonly all?: string;
};
