package vivified.judgement_test

import data.vivified.judgement

denial := {"rule": "x.no", "message": "No", "fix": "ask"}

ground := {"rule": "x.yes", "message": "Yes", "fix": ""}

redaction := {"path": "/email", "action": "redact"}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

nothing := {"denials": set(), "obligations": set()}

own(denials, grounds, obligations) := {"denials": denials, "grounds": grounds, "obligations": obligations}

permitting := own(set(), {ground}, {redaction})

asking(path, action) := {"rule": "custom.less", "path": path, "action": action}

customer(denials, obligations) := {"denials": denials, "obligations": obligations}

test_denies_when_anything_denies_whatever_else_holds if {
	decision := judgement.decision(own({denial}, {ground}, {redaction}), nothing)
	decision == {"effect": "deny", "reasons": {denial}, "obligations": set()}
}

test_denies_what_rests_on_nothing if {
	decision := judgement.decision(own(set(), set(), {redaction}), nothing)
	decision == {
		"effect": "deny",
		"reasons": {{
			"rule": "policy.no_ground",
			"message": "No rule and no grant allows this",
			"fix": "ask an operator for a grant",
		}},
		"obligations": set(),
	}
}

test_allows_what_rests_on_a_ground if {
	decision := judgement.decision(own(set(), {ground}, set()), nothing)
	decision == {"effect": "allow", "reasons": {ground}, "obligations": set()}
}

test_sanitizes_when_there_are_obligations if {
	decision := judgement.decision(permitting, nothing)
	decision == {"effect": "sanitize", "reasons": {ground}, "obligations": {redaction}}
}

test_denies_when_a_customer_does if {
	decision := judgement.decision(permitting, customer({customer_denial}, set()))
	decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
}

test_tells_the_denials_of_floor_and_customer_together if {
	decision := judgement.decision(own({denial}, {ground}, set()), customer({customer_denial}, set()))
	decision.reasons == {customer_denial, denial}
}

test_adds_what_a_customer_asks_for if {
	decision := judgement.decision(own(set(), {ground}, set()), customer(set(), {asking("/phone", "mask")}))
	decision == {"effect": "sanitize", "reasons": {ground}, "obligations": {{"path": "/phone", "action": "mask"}}}
}

test_never_lets_a_customer_ask_for_less if {
	every action in ["redact", "hash", "tokenize", "mask", "generalize", "keep"] {
		decision := judgement.decision(permitting, customer(set(), {asking("/email", action)}))
		decision.obligations == {redaction}
	}
}

test_lets_a_customer_ask_for_more if {
	decision := judgement.decision(permitting, customer(set(), {asking("/email", "remove"), asking("/email", "mask")}))
	decision.obligations == {{"path": "/email", "action": "remove"}}
}

test_gives_a_customer_no_ground if {
	decision := judgement.decision(own(set(), set(), set()), customer(set(), {asking("/email", "keep")}))
	{reason.rule | some reason in decision.reasons} == {"policy.no_ground"}
}

test_reports_what_a_rule_would_deny_without_denying if {
	decision := judgement.decision(own({denial}, {ground}, {redaction}), customer({customer_denial}, set()))
		with data.modes as {"x.no": "report", "custom.no": "report"}
	decision == {
		"effect": "sanitize",
		"reasons": {ground},
		"obligations": {redaction},
		"would_deny": {customer_denial, denial},
	}
}

test_says_nothing_of_a_rule_that_is_off if {
	decision := judgement.decision(own({denial}, {ground}, set()), customer({customer_denial}, {asking("/a", "mask")}))
		with data.modes as {"x.no": "off", "custom.no": "off", "custom.less": "off"}
	decision == {"effect": "allow", "reasons": {ground}, "obligations": set()}
}

test_enforces_what_is_not_named_or_said_to_be_enforced if {
	every modes in [{}, {"x.no": "enforce"}, {"x.other": "off"}] {
		decision := judgement.decision(own({denial}, {ground}, set()), nothing) with data.modes as modes
		decision.effect == "deny"
		not decision.would_deny
	}
}

test_reports_beside_what_denies if {
	decision := judgement.decision(own({denial}, {ground}, set()), customer({customer_denial}, set()))
		with data.modes as {"custom.no": "report"}
	decision == {"effect": "deny", "reasons": {denial}, "obligations": set(), "would_deny": {customer_denial}}
}

test_reports_what_a_rule_would_ask_for if {
	decision := judgement.decision(permitting, customer(set(), {asking("/phone", "mask")}))
		with data.modes as {"custom.less": "report"}
	decision == {
		"effect": "sanitize",
		"reasons": {ground},
		"obligations": {redaction},
		"would_sanitize": {{"path": "/phone", "action": "mask"}},
	}
}

test_needs_a_ground_even_when_every_denial_is_reported if {
	decision := judgement.decision(own({denial}, set(), set()), nothing) with data.modes as {"x.no": "report"}
	{reason.rule | some reason in decision.reasons} == {"policy.no_ground"}
}

test_denies_when_it_cannot_read_what_a_customer_asks_for if {
	every asked in [
		true,
		"text",
		{"path": "/email", "action": "mask"},
		{"rule": 7, "path": "/email", "action": "mask"},
		{"rule": "custom.less", "action": "mask"},
		{"rule": "custom.less", "path": 7, "action": "mask"},
		{"rule": "custom.less", "path": "/email"},
		{"rule": "custom.less", "path": "/email", "action": "encrypt"},
	] {
		decision := judgement.decision(permitting, customer(set(), {asked}))
		decision == {
			"effect": "deny",
			"reasons": {{
				"rule": "policy.unreadable_obligation",
				"message": "A customer's rule asks for something that cannot be read",
				"fix": "let the rule give an object with rule, path and action",
			}},
			"obligations": set(),
		}
	}
}

test_denies_when_a_customer_denies_in_no_words if {
	every said in [true, false, "no", {}, {"rule": 7}] {
		decision := judgement.decision(permitting, customer({said}, set()))
		decision.effect == "deny"
		decision.reasons == {said}
	}
}

test_leaves_out_of_the_report_what_nobody_could_read if {
	every said in [
		{"rule": "custom.no"},
		{"rule": "custom.no", "message": "Not here"},
		{"rule": "custom.no", "fix": "go"},
		{"rule": "custom.no", "message": 7, "fix": "go"},
		{"rule": "custom.no", "message": "Not here", "fix": 7},
	] {
		decision := judgement.decision(permitting, customer({said}, set())) with data.modes as {"custom.no": "report"}
		decision == {"effect": "sanitize", "reasons": {ground}, "obligations": {redaction}}
	}
	unknown := {asking("/phone", "encrypt")}
	decision := judgement.decision(permitting, customer(set(), unknown)) with data.modes as {"custom.less": "report"}
	not decision.would_sanitize
}

test_takes_what_is_no_set_for_a_member if {
	judgement.listed({1, 2}) == {1, 2}
	judgement.listed([1]) == {[1]}
	judgement.listed(true) == {true}
}
