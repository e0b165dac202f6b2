# METADATA
# description: A customer's rule stands under the key of what it concerns
package custom.regal.rules.vivified["keyed-rule"]

import data.custom.regal.judging
import data.regal.ast
import data.regal.result

# Wasm has no index: what stands under "*" is tried for every question.
report contains violation if {
	some rule in customers
	judging.key(rule) == "*"
	asked := compared(rule)
	count(asked) > 0
	better := concat(", ", [head(rule, key) | some key in keys(asked)])
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head, $"The rule is tried for every question; write {better}"),
	)
}

report contains violation if {
	some rule in customers
	not judging.key(rule)
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head, "The rule is tried for every question; write it once for each key"),
	)
}

customers := [rule |
	ast.package_path[0] == "custom"
	some rule in judging.rules
]

head(rule, key) := $`{rule.head.ref[0].value}["{key}"]`

facts := {
	"rpc": {"plugin", "operation"},
	"events": {"event_type"},
	"egress": {"host"},
	"admin": {"route"},
}[ast.package_path[1]]

# The keys that a body spells out. What it leaves open stands in angle brackets; events are keyed without their version.
keys(asked) := union({operations(asked), types(asked), given(asked, "host"), given(asked, "route")})

operations(asked) := {$"{plugin}.{operation}" |
	ast.package_path[1] == "rpc"
	some plugin in constants(asked, "plugin")
	some operation in constants(asked, "operation")
}

types(asked) := {split(constant, ".")[0] | some constant in given(asked, "event_type")}

constants(asked, fact) := {$"<{fact}>"} if count(given(asked, fact)) == 0

constants(asked, fact) := given(asked, fact) if count(given(asked, fact)) > 0

given(asked, fact) := {constant |
	some [name, constant] in asked
	name == fact
}

# What a body asks of the resource: `input.resource.<fact> == "x"`, turned round, or `in {"x", "y"}`.
compared(rule) := {[fact, constant] |
	some expression in rule.body
	not expression.negated
	[operator, left, right] := expression.terms
	some [one, other] in [[left, right], [right, left]]
	fact := asked_fact(one)
	some constant in spelled(ast.ref_to_string(operator.value), other)
}

asked_fact(term) := term.value[2].value if {
	term.type == "ref"
	count(term.value) == 3
	[term.value[0].value, term.value[1].value] == ["input", "resource"]
	term.value[2].value in facts
}

spelled(operator, term) := {term.value} if {
	operator in {"equal", "eq"}
	term.type == "string"
}

spelled(operator, term) := {member.value | some member in term.value; member.type == "string"} if {
	operator == "internal.member_2"
	term.type in {"array", "set"}
}
