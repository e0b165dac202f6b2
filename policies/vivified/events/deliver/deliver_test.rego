package vivified.events.deliver_test

import data.vivified.events.deliver

delivery(event_type, carried, held) := {
	"subject": {"id": "core", "traits": ["handles_pii"]},
	"resource": {
		"event_type": event_type,
		"traits": carried,
		"subscriber": {"id": "subscriber", "traits": held},
	},
	"grant": {"id": "g-2"},
	"fields": [
		{"path": "/user_id", "type": "string", "traits": []},
		{"path": "/email", "type": "string", "traits": ["pii"]},
	],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_delivers_whole_to_a_subscriber_cleared_for_everything_in_it if {
	decision := deliver.decision with input as delivery("UserCreated", ["pii"], ["handles_pii"])
	decision.effect == "allow"
	rules(decision) == {"events.subscription_granted"}
}

test_refuses_a_subscription_that_was_not_granted if {
	decision := deliver.decision with input as object.remove(
		delivery("UserCreated", ["pii"], ["handles_pii"]),
		{"grant"},
	)
	decision.effect == "deny"
	rules(decision) == {"events.subscription_not_granted"}
}

test_refuses_types_to_subscribers_without_their_traits if {
	every _, case in {
		"new users without handles_pii": ["UserCreated", ["notifications"]],
		"patient data without handles_phi": ["PatientDataUpdated", ["handles_pii"]],
		"payments without handles_financial": ["PaymentProcessed", ["handles_pii"]],
		"payments without handles_pii": ["PaymentProcessed", ["handles_financial"]],
		"a version of a type": ["UserCreated.v2", ["notifications"]],
	} {
		[event_type, held] := case
		decision := deliver.decision with input as delivery(event_type, [], held)
		decision.effect == "deny"
		rules(decision) == {"events.receiver_trait"}
	}
}

test_delivers_types_to_subscribers_with_their_traits if {
	every _, case in {
		"new users": ["UserCreated", ["handles_pii"]],
		"patient data": ["PatientDataUpdated", ["handles_phi", "handles_pii"]],
		"payments": ["PaymentProcessed", ["handles_financial", "handles_pii"]],
	} {
		[event_type, held] := case
		decision := deliver.decision with input as delivery(event_type, [], held)
		decision.effect == "allow"
	}
}

test_refuses_events_to_subscribers_without_the_traits_their_data_asks_for if {
	every trait in ["pii", "phi", "requires_encryption"] {
		decision := deliver.decision with input as delivery("OnboardingCompleted", [trait], ["notifications"])
		decision.effect == "deny"
		rules(decision) == {"events.carried_trait"}
	}
}

test_delivers_events_to_subscribers_with_the_traits_their_data_asks_for if {
	every trait, held in {"pii": "handles_pii", "phi": "handles_phi", "requires_encryption": "encryption_capable"} {
		decision := deliver.decision with input as delivery("OnboardingCompleted", [trait], [held])
		rules(decision) == {"events.subscription_granted"}
	}
}

test_sanitizes_for_the_subscriber_not_for_the_publisher if {
	decision := deliver.decision with input as delivery("PageViewed", [], ["notifications"])
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/email", "action": "redact"}}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "UserCreated"] {
		decision := deliver.decision with input as delivery("UserCreated.v2", ["pii"], ["handles_pii"])
			with data.custom.events.deliver.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "UserCreated"] {
		decision := deliver.decision with input as delivery("UserCreated.v2", ["pii"], ["handles_pii"])
			with data.custom.events.deliver.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := deliver.decision with input as delivery("UserCreated.v2", ["pii"], ["handles_pii"])
	every rules_of in ["deny", "obligations"] {
		decision := deliver.decision with input as delivery("UserCreated.v2", ["pii"], ["handles_pii"])
			with data.custom.events.deliver as {rules_of: {"UserCreated.v2": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := deliver.decision with input as delivery("UserCreated.v2", ["pii"], ["handles_pii"])
			with data.custom.events.deliver as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}
