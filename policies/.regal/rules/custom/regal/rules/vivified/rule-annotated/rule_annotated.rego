# METADATA
# description: A rule that judges says what it is, how grave, and what would have to change
package custom.regal.rules.vivified["rule-annotated"]

import data.custom.regal.judging
import data.regal.result

report contains violation if {
	some rule in judging.rules
	unsaid := [name | some name in needed; not says(rule, name)]
	count(unsaid) > 0
	what := concat(", ", unsaid)
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head, $"The rule's METADATA lacks {what}"),
	)
}

report contains violation if {
	some rule in judging.rules
	severity := judging.said(rule).custom.severity
	not severity in severities
	violation := result.fail(
		rego.metadata.chain(),
		result.location_and_description(rule.head, $"The severity {severity} is none of {concat(", ", severities)}"),
	)
}

needed := ["title", "description", "custom.id", "custom.severity", "custom.fix"]

severities := ["none", "low", "medium", "high", "critical"]

says(rule, name) if {
	said := object.get(judging.said(rule), split(name, "."), "")
	is_string(said)
	trim_space(said) != ""
}
