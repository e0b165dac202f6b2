package vivified.reason_test

import data.vivified.reason

denial := {"rule": "x.no", "message": "No", "fix": "ask"}

ground := {"rule": "x.yes", "message": "Yes", "fix": ""}

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
