package custom.rpc.invoke_test

import data.vivified.rpc.invoke

mail := {
	"subject": {"id": "records", "traits": ["handles_phi", "handles_pii"]},
	"resource": {
		"plugin": "email-gateway",
		"operation": "send_email",
		"traits": ["external_service", "handles_pii"],
		"requires_traits": [],
	},
	"grant": {"id": "g-1"},
	"fields": [{"path": "/variables/diagnosis", "type": "string", "traits": ["phi"]}],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_refuses_a_mail_with_health_data if {
	decision := invoke.decision with input as mail
	rules(decision) == {"custom.no_health_data_by_mail"}
}

test_lets_a_mail_without_health_data_through if {
	fields := [{"path": "/to", "type": "string", "traits": ["pii"]}]
	decision := invoke.decision with input as object.union(mail, {"fields": fields})
	rules(decision) == {"rpc.granted"}
}

test_says_nothing_about_other_operations if {
	resource := {"operation": "send_message"}
	decision := invoke.decision with input as object.union(mail, {"resource": resource})
	rules(decision) == {"rpc.granted"}
}
