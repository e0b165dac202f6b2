package vivified.egress.reply_test

import data.vivified.egress.reply

answer := {
	"subject": {"id": "workflow-orchestrator", "traits": ["external_service"]},
	"resource": {
		"scheme": "https",
		"host": "api.example",
		"port": 443,
		"method": "GET",
		"path": "/v1",
		"status": 200,
	},
	"grant": {"id": "g-9"},
	"fields": [{"path": "/contact/email", "type": "string", "traits": ["pii"]}],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_redacts_what_the_caller_may_not_see if {
	decision := reply.decision with input as answer
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/contact/email", "action": "redact"}}
	rules(decision) == {"egress.reply_granted"}
}

test_gives_the_reply_whole_to_a_caller_that_may_see_it if {
	decision := reply.decision with input as object.union(answer, {"subject": {"traits": ["handles_pii"]}})
	decision.effect == "allow"
}

test_withholds_a_reply_whose_grant_is_gone if {
	decision := reply.decision with input as object.remove(answer, {"grant"})
	rules(decision) == {"egress.reply_not_granted"}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "api.example"] {
		decision := reply.decision with input as answer
			with data.custom.egress.reply.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "api.example"] {
		decision := reply.decision with input as answer
			with data.custom.egress.reply.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := reply.decision with input as answer
	every rules_of in ["deny", "obligations"] {
		decision := reply.decision with input as answer
			with data.custom.egress.reply as {rules_of: {"example": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := reply.decision with input as answer
			with data.custom.egress.reply as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}
