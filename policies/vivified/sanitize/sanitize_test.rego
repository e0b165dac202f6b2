package vivified.sanitize_test

import data.vivified.sanitize

field(path, traits) := {"path": path, "type": "string", "traits": traits}

test_leaves_fields_without_traits_alone if sanitize.obligations([field("/topic", [])], []) == set()

test_removes_health_data_from_receivers_that_do_not_handle_it if {
	sanitize.obligations([field("/diagnosis", ["phi"])], ["handles_pii"]) == {{"path": "/diagnosis", "action": "remove"}}
}

test_redacts_personal_data_from_receivers_that_do_not_handle_it if {
	sanitize.obligations([field("/email", ["pii"])], ["handles_phi"]) == {{"path": "/email", "action": "redact"}}
}

test_shows_cleared_receivers_the_value_whole if {
	fields := [field("/email", ["pii"]), field("/diagnosis", ["phi"])]
	sanitize.obligations(fields, ["handles_phi", "handles_pii"]) == set()
}

test_redacts_direct_identifiers_even_from_cleared_receivers if {
	fields := [field("/ssn", ["direct_identifier", "phi", "pii"])]
	sanitize.obligations(fields, ["handles_phi", "handles_pii"]) == {{"path": "/ssn", "action": "redact"}}
}

test_withholds_confidential_fields_from_receivers_that_may_not_have_them if {
	fields := [field("/password", ["confidential"])]
	sanitize.obligations(fields, ["handles_pii"]) == {{"path": "/password", "action": "redact"}}
	sanitize.obligations(fields, ["can_receive_confidential"]) == set()
}

test_redacts_financial_data_from_receivers_that_do_not_handle_it if {
	fields := [field("/amount", ["financial"])]
	sanitize.obligations(fields, ["handles_pii", "handles_phi"]) == {{"path": "/amount", "action": "redact"}}
	sanitize.obligations(fields, ["handles_financial"]) == set()
}

test_sends_data_that_must_stay_encrypted_only_to_receivers_that_can if {
	fields := [field("/record", ["requires_encryption"])]
	sanitize.obligations(fields, ["handles_pii"]) == {{"path": "/record", "action": "remove"}}
	sanitize.obligations(fields, ["encryption_capable"]) == set()
}

test_takes_the_strongest_action_of_a_field_with_several_traits if {
	sanitize.obligations([field("/note", ["pii", "phi"])], []) == {{"path": "/note", "action": "remove"}}
}

test_leaves_public_and_internal_fields_alone if {
	sanitize.obligations([field("/a", ["public"]), field("/b", ["internal"])], []) == set()
}

test_knows_which_action_is_stronger if {
	sanitize.strongest({"mask", "redact"}) == "redact"
	sanitize.strongest({"mask"}) == "mask"
}

test_withholds_only_direct_identifiers_from_nobody_in_particular if {
	fields := [field("/email", ["pii"]), field("/diagnosis", ["phi"]), field("/ssn", ["direct_identifier", "pii"])]
	sanitize.always(fields) == {{"path": "/ssn", "action": "redact"}}
}
