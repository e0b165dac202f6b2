package custom.regal.rules.vivified["keyed-rule_test"]

import data.regal.config

import data.custom.regal.rules.vivified["keyed-rule"] as rule

said(lane, text) := {violation.description |
	some violation in rule.report with input as regal.parse_module("p.rego", $"package custom.{lane}\n\n{text}\n")
		with config.level_for_rule as "error"
}

test_a_key_is_named_for_what_is_compared if {
	cases := {
		["rpc.invoke", `deny["*"] contains 1 if input.resource.operation == "send"`]: {`deny["<plugin>.send"]`},
		["rpc.reply", `deny["*"] contains 1 if "mail" == input.resource.plugin`]: {`deny["mail.<operation>"]`},
		["rpc.invoke", `obligations["*"] contains 1 if {
			input.resource.plugin = "mail"
			input.resource.operation in {"send", "read"}
		}`]: {`obligations["mail.read"], obligations["mail.send"]`},
		["events.deliver", `deny["*"] contains 1 if input.resource.event_type == "Created.v2"`]: {`deny["Created"]`},
		["egress.connect", `deny["*"] contains 1 if {
			input.subject.id == "x"
			input.resource.host in ["a.example", "b.example"]
		}`]: {`deny["a.example"], deny["b.example"]`},
		["admin.access", `deny["*"] contains 1 if input.resource.route == "/admin/users"`]: {`deny["/admin/users"]`},
	}
	every question, better in cases {
		said(question[0], question[1]) == {$"The rule is tried for every question; write {key}" | some key in better}
	}
}

test_a_key_that_is_a_variable_is_tried_for_every_question if {
	said("rpc.invoke", `deny[key] contains 1 if some key in {"a.b", "c.d"}`) == {
		"The rule is tried for every question; write it once for each key",
	}
}

test_nothing_is_said_of_rules_that_concern_every_question if {
	quiet := {
		["rpc.invoke", `deny["a.b"] contains 1 if input.resource.operation == "b"`],
		["rpc.invoke", `deny["*"] contains 1 if input.subject.id == "x"`],
		["rpc.invoke", `deny["*"] contains 1 if input.resource.operation != "send"`],
		["rpc.invoke", `deny["*"] contains 1 if not input.resource.operation == "send"`],
		["rpc.invoke", `deny["*"] contains 1 if input.resource.operation == input.subject.id`],
		["rpc.invoke", `deny["*"] contains 1 if input.resource.host == "x"`],
		["rpc.invoke", `helper contains 1 if input.resource.plugin == "x"`],
		["rpc.invoke_test", `deny["*"] contains 1 if input.resource.plugin == "x"`],
		["audit.mask", `obligations["*"] contains 1 if input.lane == "rpc"`],
	}
	every question in quiet {
		said(question[0], question[1]) == set()
	}
}
