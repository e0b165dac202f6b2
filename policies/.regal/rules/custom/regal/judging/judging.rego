# METADATA
# title: Rules that judge
# description: What the linter's own rules look at, the denials, grounds and obligations of the floor and of customers.
package custom.regal.judging

import data.regal.ast

# METADATA
# description: The rules of this file that a decision rests on.
rules := [rule |
	is_question
	some rule in input.rules
	rule.head.key
	rule.head.ref[0].value in names[ast.package_path[0]]
]

names := {
	"vivified": {"denials", "grounds"},
	"custom": {"deny", "obligations"},
}

is_question if {
	count(ast.package_path) == 3
	not endswith(ast.package_path[2], "_test")
}

# METADATA
# description: What a rule says of itself. `rego.metadata.rule()` reads the same. Undefined where it says nothing.
said(rule) := [annotation |
	some annotation in rule.annotations
	annotation.scope == "rule"
][0]

# METADATA
# description: The key of a customer's rule. Undefined where it is none that can be looked up.
key(rule) := rule.head.ref[1].value if rule.head.ref[1].type == "string"
