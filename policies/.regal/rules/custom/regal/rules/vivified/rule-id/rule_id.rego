# METADATA
# description: The id of a rule begins with its lane, or with custom, and an obligation names its own rule
package custom.regal.rules.vivified["rule-id"]

import data.custom.regal.judging
import data.regal.ast
import data.regal.result

report contains violation if {
	some rule in judging.rules
	id := judging.said(rule).custom.id
	not regex.match($`^{prefix}\.[a-z0-9_]+(\.[a-z0-9_]+)*$`, id)
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head, $"The id {id} is not {prefix}. and words in snake_case"),
	)
}

# Modes go by what the obligation says, people by what the annotation says.
report contains violation if {
	some rule in judging.rules
	id := judging.said(rule).custom.id
	named := named_rule(rule)
	named != id
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head.key, $"The obligation names {named}, and its rule is {id}"),
	)
}

prefix := "custom" if ast.package_path[0] == "custom"

prefix := ast.package_path[1] if ast.package_path[0] == "vivified"

named_rule(rule) := value.value if {
	rule.head.key.type == "object"
	some [name, value] in rule.head.key.value
	name.value == "rule"
	value.type == "string"
}
