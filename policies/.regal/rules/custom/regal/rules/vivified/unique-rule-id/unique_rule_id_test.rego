package custom.regal.rules.vivified["unique-rule-id_test"]

import data.regal.config

import data.custom.regal.rules.vivified["unique-rule-id"] as rule

entries(files) := {entry |
	some name, text in files
	some entry in rule.aggregate with input as regal.parse_module(name, text)
}

said(files) := {[violation.location.file, violation.location.row, violation.description] |
	some violation in rule.aggregate_report with input as {"aggregate": entries(files)}
		with config.level_for_rule as "error"
}

file(root, title, head) := $"package {root}\n\n# METADATA\n# title: {title}\n# custom:\n#   id: custom.x\n{head}\n"

test_two_rules_of_one_id_are_found if {
	said({
		"a.rego": file("custom.rpc.invoke", "A", `deny["*"] contains 1`),
		"b.rego": file("custom.rpc.reply", "A", `deny["*"] contains 1`),
	}) == {["b.rego", 7, "The id custom.x belongs to another rule already, a.rego:7"]}
}

test_rules_of_one_file_that_say_different_things_are_found if {
	one := file("custom.rpc.invoke", "A", `deny["*"] contains 1`)
	other := "# METADATA\n# title: B\n# custom:\n#   id: custom.x\ndeny[\"*\"] contains 2\n"
	said({"a.rego": $"{one}\n{other}"}) == {["a.rego", 13, "The id custom.x belongs to another rule already, a.rego:7"]}
}

test_one_rule_may_have_several_keys_and_bodies if {
	said({
		"a.rego": file("custom.rpc.invoke", "A", `deny["a.b"] contains 1`),
		"b.rego": file("custom.rpc.invoke", "A", `deny["c.d"] contains 1`),
	}) == set()
}

test_rules_without_id_are_not_mistaken_for_one_another if {
	said({
		"a.rego": "package custom.rpc.invoke\n\ndeny[\"*\"] contains 1\n",
		"b.rego": "package custom.rpc.reply\n\ndeny[\"*\"] contains 1\n",
	}) == set()
}
