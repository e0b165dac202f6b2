package vivified.rpc.invoke_test

import data.vivified.rpc.invoke

call := {
	"subject": {"id": "workflow-orchestrator", "traits": ["handles_pii"]},
	"resource": {"plugin": "newsletter", "operation": "subscribe", "traits": [], "requires_traits": ["handles_pii"]},
	"grant": {"id": "g-17"},
	"fields": [
		{"path": "/topic", "type": "string", "traits": []},
		{"path": "/readers/*/email", "type": "string", "traits": ["pii"]},
	],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_redacts_what_the_target_may_not_see if {
	decision := invoke.decision with input as call
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/readers/*/email", "action": "redact"}}
	rules(decision) == {"rpc.granted"}
}

test_sends_the_call_whole_to_a_target_that_may_see_it if {
	decision := invoke.decision with input.resource as object.union(call.resource, {"traits": ["handles_pii"]})
		with input.subject as call.subject
		with input.grant as call.grant
		with input.fields as call.fields
	decision.effect == "allow"
	decision.obligations == set()
}

test_names_the_grant_that_an_allow_rests_on if {
	decision := invoke.decision with input as call
	{reason.message | some reason in decision.reasons} == {"The operation is granted: g-17"}
}

test_refuses_an_operation_that_was_not_granted if {
	decision := invoke.decision with input as object.remove(call, {"grant"})
	decision.effect == "deny"
	rules(decision) == {"rpc.not_granted"}
	decision.obligations == set()
}

test_refuses_a_caller_without_the_trait_the_operation_asks_for if {
	decision := invoke.decision with input as object.union(call, {"subject": {"traits": []}})
	decision.effect == "deny"
	rules(decision) == {"rpc.caller_trait"}
}

test_says_everything_that_stands_in_the_way_at_once if {
	decision := invoke.decision with input as object.remove(
		object.union(call, {"subject": {"traits": []}}),
		{"grant"},
	)
	rules(decision) == {"rpc.not_granted", "rpc.caller_trait"}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "newsletter.subscribe"] {
		decision := invoke.decision with input as call
			with data.custom.rpc.invoke.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "newsletter.subscribe"] {
		decision := invoke.decision with input as call
			with data.custom.rpc.invoke.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := invoke.decision with input as call
	every rules_of in ["deny", "obligations"] {
		decision := invoke.decision with input as call
			with data.custom.rpc.invoke as {rules_of: {"newsletter": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := invoke.decision with input as call
			with data.custom.rpc.invoke as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}
