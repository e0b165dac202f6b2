package custom.regal.rules.vivified["rule-annotated_test"]

import data.regal.config

import data.custom.regal.rules.vivified["rule-annotated"] as rule

said(text) := {violation.description |
	some violation in rule.report with input as regal.parse_module("p.rego", text)
		with config.level_for_rule as "error"
}

complete := `# METADATA
# title: T
# description: D
# custom:
#   id: rpc.x
#   severity: high
#   fix: F
`

test_a_complete_rule_is_quiet if {
	heads := {"denials contains 1", "grounds contains 1", `deny["*"] contains 1`, `obligations["*"] contains 1`}
	every root in {"vivified.rpc.invoke", "custom.rpc.invoke"} {
		every head in heads {
			said($"package {root}\n\n{complete}{head} if input.x\n") == set()
		}
	}
}

test_each_missing_part_is_named if {
	lacking := {
		"# title: T\n": "title",
		"# description: D\n": "description",
		"#   id: rpc.x\n": "custom.id",
		"#   severity: high\n": "custom.severity",
		"#   fix: F\n": "custom.fix",
	}
	every line, name in lacking {
		text := $"package vivified.rpc.invoke\n\n{replace(complete, line, "")}denials contains 1 if input.x\n"
		said(text) == {$"The rule's METADATA lacks {name}"}
	}
}

test_a_rule_that_says_nothing_lacks_everything if {
	every text in {
		"package vivified.rpc.invoke\n\ngrounds contains 1",
		"package custom.rpc.invoke\n\ndeny[\"a\"] contains 1",
	} {
		said($"{text} if input.x\n") == {
			"The rule's METADATA lacks title, description, custom.id, custom.severity, custom.fix",
		}
	}
}

test_an_annotation_of_the_whole_document_is_not_the_rules if {
	text := replace(complete, "# title: T", "# scope: document\n# title: T")
	count(said($"package vivified.rpc.invoke\n\n{text}denials contains 1 if input.x\n")) == 1
}

test_empty_and_unknown_words_do_not_count if {
	empty := replace(complete, "fix: F", "fix: ''")
	said($"package vivified.rpc.invoke\n\n{empty}denials contains 1 if input.x\n") == {
		"The rule's METADATA lacks custom.fix",
	}
	unknown := replace(complete, "high", "huge")
	said($"package vivified.rpc.invoke\n\n{unknown}denials contains 1 if input.x\n") == {
		"The severity huge is none of none, low, medium, high, critical",
	}
}

test_what_does_not_judge_needs_no_annotation if {
	quiet := {
		"package vivified.judgement\n\ndenials contains 1 if input.x",
		"package vivified.rpc.invoke_test\n\ndenials contains 1 if input.x",
		"package custom.acme.lists\n\nhosts contains 1 if input.x",
		"package vivified.rpc.invoke\n\nkeys contains 1 if input.x",
		"package vivified.rpc.invoke\n\ndenials := 1",
	}
	every text in quiet {
		said($"{text}\n") == set()
	}
}
