import type { PluginSpec } from "./plugin-spec.ts";

/** Where the reference plugins reach the outside. */
export type Outside = {
  readonly mailUrl: string;
  readonly preferencesUrl: string;
};

/** Nothing answers there: RFC 2606 keeps `.example` out of the real name system. */
const nowhere: Outside = { mailUrl: "smtp://mail.demo.example:587", preferencesUrl: "https://api.preferences.example" };

/** The three reference plugins with what an operator grants them inside the platform. Grants to the outside are separate. */
export function referencePlugins(outside: Outside = nowhere): PluginSpec[] {
  return [userManagement(), emailGateway(outside), workflowOrchestrator(outside)];
}

function userManagement(): PluginSpec {
  return {
    id: "user-management",
    folder: "user-management",
    config: {},
    grants: [{ kind: "subscribe", event_type: "UserCreated" }],
  };
}

function emailGateway({ mailUrl }: Outside): PluginSpec {
  return {
    id: "email-gateway",
    folder: "email-gateway",
    config: { mail_url: mailUrl, from_address: "no-reply@vivified.example" },
    grants: [
      { kind: "publish", event_type: "EmailSent" },
      { kind: "publish", event_type: "EmailFailed" },
    ],
  };
}

function workflowOrchestrator({ preferencesUrl }: Outside): PluginSpec {
  return {
    id: "workflow-orchestrator",
    folder: "workflow-orchestrator",
    config: { preferences_url: preferencesUrl },
    grants: [
      { kind: "subscribe", event_type: "UserCreated" },
      { kind: "subscribe", event_type: "EmailSent" },
      { kind: "rpc", target: "user-management", operation: "get_user_extended" },
      { kind: "rpc", target: "email-gateway", operation: "send_email" },
      { kind: "publish", event_type: "OnboardingCompleted" },
      { kind: "publish", event_type: "WorkflowFailed" },
    ],
  };
}
