package vivified.events.publish_test

import data.vivified.events.publish

event := {
	"subject": {"id": "core", "traits": ["handles_pii"]},
	"resource": {"event_type": "UserCreated", "traits": ["pii"]},
	"grant": {"id": "g-1"},
	"fields": [{"path": "/email", "type": "string", "traits": ["pii"]}],
	"attributes": {},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_lets_a_granted_event_in_whole if {
	decision := publish.decision with input as event
	decision.effect == "allow"
	rules(decision) == {"events.publish_granted"}
}

test_refuses_an_event_type_that_was_not_granted if {
	decision := publish.decision with input as object.remove(event, {"grant"})
	decision.effect == "deny"
	rules(decision) == {"events.publish_not_granted"}
}

test_refuses_personal_data_from_a_publisher_that_does_not_handle_it if {
	decision := publish.decision with input as object.union(event, {"subject": {"traits": ["handles_phi"]}})
	rules(decision) == {"events.publisher_trait"}
}

test_refuses_health_data_from_a_publisher_that_does_not_handle_it if {
	decision := publish.decision with input as object.union(event, {"resource": {"traits": ["phi", "pii"]}})
	rules(decision) == {"events.publisher_trait"}
	{reason.message | some reason in decision.reasons} == {concat(": ", [
		"The publisher lacks a trait that the event's data asks for",
		"handles_phi",
	])}
}

test_lets_health_data_in_from_a_publisher_that_handles_it if {
	decision := publish.decision with input as object.union(event, {
		"subject": {"traits": ["handles_phi", "handles_pii"]},
		"resource": {"traits": ["phi", "pii"]},
	})
	decision.effect == "allow"
}

test_stores_no_direct_identifier if {
	fields := [{"path": "/ssn", "type": "string", "traits": ["direct_identifier", "pii"]}]
	decision := publish.decision with input as object.union(event, {"fields": fields})
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/ssn", "action": "redact"}}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "UserCreated"] {
		decision := publish.decision with input as event
			with data.custom.events.publish.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_lets_a_customer_show_less_of_this_and_of_everything if {
	asked := {"rule": "custom.less", "path": "/added", "action": "hash"}
	every key in ["*", "UserCreated"] {
		decision := publish.decision with input as event
			with data.custom.events.publish.obligations as {key: {asked}}
		{"path": "/added", "action": "hash"} in decision.obligations
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	usual := publish.decision with input as event
	every rules_of in ["deny", "obligations"] {
		decision := publish.decision with input as event
			with data.custom.events.publish as {rules_of: {"UserCreated.v2": true}}
		decision == usual
	}
}

test_denies_when_a_customer_answers_with_no_set if {
	every rules_of in ["deny", "obligations"] {
		decision := publish.decision with input as event
			with data.custom.events.publish as {rules_of: {"*": true}}
		decision.effect == "deny"
	}
}

test_keys_a_customers_rules_by_the_type_whatever_its_version if {
	decision := publish.decision with input as object.union(event, {"resource": {"event_type": "UserCreated.v2"}})
		with data.custom.events.publish.deny as {"UserCreated": {customer_denial}}
	decision.effect == "deny"
}
