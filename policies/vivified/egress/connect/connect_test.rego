package vivified.egress.connect_test

import data.vivified.egress.connect

request(resource, held) := {
	"subject": {"id": "email-gateway", "traits": held},
	"resource": object.union(
		{
			"scheme": "https",
			"host": "api.example",
			"port": 443,
			"method": "POST",
			"path": "/v1",
			"lane_enabled": true,
		},
		resource,
	),
	"grant": {"id": "g-9"},
	"fields": [
		{"path": "/email", "type": "string", "traits": ["pii"]},
		{"path": "/diagnosis", "type": "string", "traits": ["phi"]},
		{"path": "/sealed", "type": "string", "traits": ["requires_encryption"]},
	],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

mailer := ["external_service", "handles_pii"]

clinic := ["external_service", "handles_phi", "handles_pii"]

test_lets_personal_data_leave_with_a_caller_that_handles_it_and_keeps_health_data_in if {
	decision := connect.decision with input as request({}, mailer)
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/diagnosis", "action": "remove"}}
	rules(decision) == {"egress.granted"}
}

test_lets_health_data_leave_encrypted_with_a_caller_that_handles_it if {
	decision := connect.decision with input as request({}, clinic)
	decision.effect == "allow"
}

test_keeps_health_data_and_sealed_data_off_the_open_wire if {
	decision := connect.decision with input as request({"scheme": "http", "port": 80}, clinic)
	decision.obligations == {{"path": "/diagnosis", "action": "remove"}, {"path": "/sealed", "action": "remove"}}
}

test_does_not_take_a_callers_own_word_for_an_encrypted_transport if {
	held := array.concat(clinic, ["encryption_capable"])
	decision := connect.decision with input as request({"scheme": "http", "port": 80}, held)
	{"path": "/sealed", "action": "remove"} in decision.obligations
}

test_sends_mail_over_smtp if {
	every scheme in ["smtp", "smtps"] {
		decision := connect.decision with input as request({"scheme": scheme, "method": "SEND"}, clinic)
		decision.effect == "allow"
	}
}

test_refuses_methods_that_do_not_fit_the_scheme if {
	every _, resource in {
		"mail over https": {"scheme": "https", "method": "SEND"},
		"a request over smtp": {"scheme": "smtp", "method": "GET"},
		"an unknown scheme": {"scheme": "gopher", "method": "GET"},
	} {
		decision := connect.decision with input as request(resource, clinic)
		decision.effect == "deny"
		rules(decision) == {"egress.method_scheme"}
	}
}

test_refuses_a_destination_that_was_not_granted if {
	decision := connect.decision with input as object.remove(request({}, mailer), {"grant"})
	decision.effect == "deny"
	rules(decision) == {"egress.not_granted"}
}

test_refuses_callers_that_do_not_declare_outside_services if {
	decision := connect.decision with input as request({}, ["handles_pii"])
	rules(decision) == {"egress.caller_trait"}
}

test_refuses_everything_while_the_lane_is_off if {
	decision := connect.decision with input as request({"lane_enabled": false}, mailer)
	rules(decision) == {"egress.lane_disabled"}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "api.example"] {
		decision := connect.decision with input as request({}, mailer)
			with data.custom.egress.connect.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "api.example"] {
		decision := connect.decision with input as request({}, mailer)
			with data.custom.egress.connect.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := connect.decision with input as request({}, mailer)
	every rules_of in ["deny", "obligations"] {
		decision := connect.decision with input as request({}, mailer)
			with data.custom.egress.connect as {rules_of: {"example": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := connect.decision with input as request({}, mailer)
			with data.custom.egress.connect as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}
