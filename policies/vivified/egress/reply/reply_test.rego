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
