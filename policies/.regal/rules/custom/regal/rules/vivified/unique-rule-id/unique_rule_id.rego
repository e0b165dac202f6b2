# METADATA
# description: An id belongs to one rule
package custom.regal.rules.vivified["unique-rule-id"]

import data.custom.regal.judging
import data.regal.ast
import data.regal.result

# METADATA
# description: One rule may have several bodies and keys, so a rule is its package, its name and what it says of itself.
aggregate contains entry if {
	some rule in judging.rules
	said := judging.said(rule)
	entry := result.aggregate(rego.metadata.chain(), {
		"id": said.custom.id,
		"rule": {"package": ast.package_name, "name": rule.head.ref[0].value, "said": object.remove(said, ["location"])},
		"at": result.location(rule.head).location,
	})
}

# METADATA
# description: Every place but the first, in the order of files and lines.
# schemas:
#   - input: schema.regal.aggregate
aggregate_report contains violation if {
	some id, places in found
	count({place.rule | some place in places}) > 1
	some place in array.slice(sorted(places), 1, count(places))
	first := sorted(places)[0].at
	violation := result.fail(rego.metadata.chain(), {
		"location": place.at,
		"description": $"The id {id} belongs to another rule already, {first.file}:{first.row}",
	})
}

# METADATA
# schemas:
#   - input: schema.regal.aggregate
found[entry.aggregate_data.id] contains entry.aggregate_data if some entry in input.aggregate

sorted(places) := [place | some [_, _, place] in sort({[place.at.file, place.at.row, place] | some place in places})]
