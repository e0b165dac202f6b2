package vivified.traits_test

import data.vivified.traits

test_tells_which_traits_are_missing if traits.missing({"a", "b"}, ["b", "c"]) == {"a"}

test_misses_nothing_when_nothing_is_needed if traits.missing([], []) == set()

test_requires_what_the_table_says_and_nothing_for_other_traits if {
	traits.required(["pii", "public"], {"pii": "handles_pii", "phi": "handles_phi"}) == {"handles_pii"}
}

test_withholds_nothing_from_a_cleared_receiver if not traits.withholding("pii", ["handles_pii"])

test_withholds_from_a_receiver_without_clearance if traits.withholding("pii", ["handles_phi"]) == "redact"

test_withholds_nothing_that_is_public if not traits.withholding("public", [])

test_withholds_direct_identifiers_from_everybody if {
	traits.withholding("direct_identifier", ["handles_phi", "handles_pii"]) == "redact"
}

test_withholds_data_with_a_trait_that_no_table_knows if traits.withholding("unheard_of", ["handles_pii"]) == "redact"
