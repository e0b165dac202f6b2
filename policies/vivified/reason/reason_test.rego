package vivified.reason_test

import data.vivified.reason

denial := {"rule": "x.no", "message": "No", "fix": "ask"}

ground := {"rule": "x.yes", "message": "Yes", "fix": ""}

redaction := {"path": "/email", "action": "redact"}

test_denies_when_anything_denies_whatever_else_holds if {
	decision := reason.decision({denial}, {ground}, {redaction})
	decision == {"effect": "deny", "reasons": {denial}, "obligations": set()}
}

test_denies_what_rests_on_nothing if {
	decision := reason.decision(set(), set(), {redaction})
	decision.effect == "deny"
	decision.obligations == set()
	decision.reasons == {{
		"rule": "policy.no_ground",
		"message": "No rule and no grant allows this",
		"fix": "ask an operator for a grant",
	}}
}

test_allows_what_rests_on_a_ground if {
	reason.decision(set(), {ground}, set()) == {"effect": "allow", "reasons": {ground}, "obligations": set()}
}

test_sanitizes_when_there_are_obligations if {
	decision := reason.decision(set(), {ground}, {redaction})
	decision == {"effect": "sanitize", "reasons": {ground}, "obligations": {redaction}}
}

test_takes_the_reason_from_the_annotations if {
	rule := {"title": "No", "custom": {"id": "x.no", "fix": "ask"}}
	reason.from(rule) == denial
}

test_asks_for_nothing_when_the_annotations_name_no_fix if {
	reason.from({"title": "Yes", "custom": {"id": "x.yes"}}) == ground
}

test_names_what_the_reason_is_about if {
	rule := {"title": "No", "custom": {"id": "x.no"}}
	reason.about(rule, "handles_pii") == {"rule": "x.no", "message": "No: handles_pii", "fix": ""}
}
