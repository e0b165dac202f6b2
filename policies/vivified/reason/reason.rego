# METADATA
# title: The decision contract
# description: What every policy returns, and how a rule's annotations become the reason that people read.
package vivified.reason

# METADATA
# scope: document
# description: Any denial denies, and so does the absence of a ground, because an allow names what it rests on.
decision(denials, _, _) := {"effect": "deny", "reasons": denials, "obligations": set()} if count(denials) > 0

decision(denials, grounds, _) := {"effect": "deny", "reasons": {ungrounded}, "obligations": set()} if {
	count(denials) == 0
	count(grounds) == 0
}

decision(denials, grounds, obligations) := {
	"effect": effect(obligations),
	"reasons": grounds,
	"obligations": obligations,
} if {
	count(denials) == 0
	count(grounds) > 0
}

# METADATA
# scope: document
# description: The reason of a rule, from its annotations.
from(rule) := {"rule": rule.custom.id, "message": rule.title, "fix": object.get(rule.custom, "fix", "")}

# METADATA
# scope: document
# description: The same, naming what it is about, such as the trait that is missing or the grant that allows.
about(rule, what) := object.union(from(rule), {"message": concat(": ", [rule.title, what])})

effect(obligations) := "sanitize" if count(obligations) > 0

effect(obligations) := "allow" if count(obligations) == 0

ungrounded := {
	"rule": "policy.no_ground",
	"message": "No rule and no grant allows this",
	"fix": "ask an operator for a grant",
}
