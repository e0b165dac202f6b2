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

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "user-management.get_user"] {
		decision := reply.decision with input as answer
			with data.custom.rpc.reply.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "user-management.get_user"] {
		decision := reply.decision with input as answer
			with data.custom.rpc.reply.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := reply.decision with input as answer
	every rules_of in ["deny", "obligations"] {
		decision := reply.decision with input as answer
			with data.custom.rpc.reply as {rules_of: {"get_user": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := reply.decision with input as answer
			with data.custom.rpc.reply as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}
