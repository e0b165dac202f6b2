package custom.regal.rules.vivified["rule-id_test"]

import data.regal.config

import data.custom.regal.rules.vivified["rule-id"] as rule

said(root, id, head) := {violation.description |
	text := $"package {root}\n\n# METADATA\n# custom:\n#   id: {id}\n{head} if input.x\n"
	some violation in rule.report with input as regal.parse_module("p.rego", text)
		with config.level_for_rule as "error"
}

test_an_id_begins_with_its_lane_or_with_custom if {
	good := {
		["vivified.rpc.invoke", "rpc.not_granted"],
		["vivified.audit.mask", "audit.kept"],
		["custom.rpc.invoke", "custom.no_phone"],
		["custom.rpc.invoke", "custom.acme.no_phone_2"],
	}
	every case in good {
		said(case[0], case[1], name(case[0])) == set()
	}
}

name(root) := "denials contains 1" if startswith(root, "vivified.")

name(root) := `deny["*"] contains 1` if startswith(root, "custom.")

test_another_id_is_found if {
	bad := {
		["vivified.rpc.invoke", "events.not_granted", "rpc"],
		["vivified.rpc.invoke", "rpc", "rpc"],
		["vivified.rpc.invoke", "rpc.Not-Granted", "rpc"],
		["custom.rpc.invoke", "rpc.not_granted", "custom"],
		["custom.rpc.invoke", "custom.", "custom"],
	}
	every case in bad {
		[root, id, prefix] := case
		said(root, id, name(root)) == {$"The id {id} is not {prefix}. and words in snake_case"}
	}
}

test_an_obligation_names_its_own_rule if {
	obligation := `obligations["*"] contains {"rule": "custom.x", "path": "/a", "action": "mask"}`
	said("custom.rpc.invoke", "custom.x", obligation) == set()
	said("custom.rpc.invoke", "custom.y", obligation) == {"The obligation names custom.x, and its rule is custom.y"}
}

test_an_obligation_may_name_its_rule_by_its_annotation if {
	obligation := `obligations["*"] contains {"rule": rego.metadata.rule().custom.id, "path": "/a", "action": "mask"}`
	said("custom.rpc.invoke", "custom.x", obligation) == set()
}
