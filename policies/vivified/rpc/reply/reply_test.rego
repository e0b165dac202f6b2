package vivified.rpc.reply_test

import data.vivified.rpc.reply

answer := {
	"subject": {"id": "newsletter", "traits": ["notifications"]},
	"resource": {
		"plugin": "user-management",
		"operation": "get_user",
		"traits": ["handles_pii"],
		"requires_traits": [],
	},
	"grant": {"id": "g-3"},
	"fields": [
		{"path": "/id", "type": "string", "traits": []},
		{"path": "/email", "type": "string", "traits": ["pii"]},
	],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_redacts_what_the_caller_may_not_see_although_the_target_may if {
	decision := reply.decision with input as answer
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/email", "action": "redact"}}
	rules(decision) == {"rpc.reply_granted"}
}

test_gives_the_reply_whole_to_a_caller_that_may_see_it if {
	decision := reply.decision with input as object.union(answer, {"subject": {"traits": ["handles_pii"]}})
	decision.effect == "allow"
}

test_withholds_a_reply_whose_grant_is_gone if {
	decision := reply.decision with input as object.remove(answer, {"grant"})
	decision.effect == "deny"
	rules(decision) == {"rpc.reply_not_granted"}
}
