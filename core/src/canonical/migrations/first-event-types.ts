const pii = { "x-vivified-traits": ["pii"] } as const;
const phi = { "x-vivified-traits": ["phi"] } as const;
const text = { type: "string" } as const;
const personal = { ...text, ...pii } as const;
const health = { ...text, ...phi } as const;
const moment = { type: "string", format: "date-time" } as const;

/** Events may carry more than their schema names; the field dictionary and the value detector look at the rest. */
function event(required: readonly string[], properties: Readonly<Record<string, object>>) {
  return { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", required, properties };
}

/** The canonical event types of the first release, with what their fields mean. Frozen: later changes are migrations. */
export const firstEventTypes: Readonly<Record<string, object>> = {
  UserCreated: event(["user_id", "username", "email", "full_name"], {
    user_id: text,
    username: personal,
    email: personal,
    full_name: personal,
    department: text,
    manager: personal,
    tenant_id: text,
  }),
  OnboardingCompleted: event(["user_id", "steps_completed"], {
    user_id: { ...text, ...pii },
    steps_completed: { type: "array", items: text },
    warnings: { type: "array", items: text },
  }),
  WorkflowFailed: event(["user_id", "step"], { user_id: { ...text, ...pii }, step: text, reason: text }),
  EmailQueued: event(["email_id", "recipient"], { email_id: text, recipient: personal, template: text }),
  EmailSent: event(["email_id", "recipient"], { email_id: text, recipient: personal, sent_at: moment }),
  EmailFailed: event(["email_id", "recipient"], { email_id: text, recipient: personal, reason: text }),
  PatientDataUpdated: event(["patient_id"], {
    patient_id: health,
    medical_record_number: health,
    insurance_id: health,
    diagnosis: health,
    treatment: health,
    medical_history: { ...phi },
    updated_at: moment,
  }),
  PaymentProcessed: event(["payment_id", "amount", "currency"], {
    payment_id: text,
    user_id: personal,
    amount: { type: "number", "x-vivified-traits": ["financial"] },
    currency: text,
    card_number: { ...text, "x-vivified-traits": ["pii", "financial"] },
    processed_at: moment,
  }),
  PasswordReset: event(["user_id", "email"], {
    user_id: text,
    email: personal,
    reset_url: { ...text, "x-vivified-traits": ["confidential"] },
    expires_at: moment,
  }),
  SecurityAlert: event(["kind"], { kind: text, user_id: personal, email: personal, message: text, severity: text }),
};
