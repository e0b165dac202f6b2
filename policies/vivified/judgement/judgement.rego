# METADATA
# title: The decision contract
# description: >-
#   What every policy returns: the floor's denials, grounds and obligations, and a customer's denials and obligations,
#   weighed by the modes of their rules. A customer's rules only ever add: they deny more and show less.
package vivified.judgement

import data.vivified.sanitize

# METADATA
# scope: document
# description: >-
#   Any denial denies, and so does the absence of a ground, because an allow names what it rests on. What rules in mode
#   `report` would have done is told beside it.
decision(own, customer) := settled(own.denials, own.grounds, own.obligations) if is_plain(own, customer)

decision(own, customer) := object.union(settled(denials, own.grounds, obligations), reported(own, customer)) if {
	not is_plain(own, customer)
	denials := enforced(own.denials | customer.denials) | malformed(customer)
	obligations := sanitize.strictest(own.obligations | instructions(enforced(customer.obligations)))
}

# Nothing to weigh: most questions end here.
is_plain(own, customer) if {
	count(own.denials) == 0
	count(customer.denials) == 0
	count(customer.obligations) == 0
}

settled(denials, _, _) := {"effect": "deny", "reasons": denials, "obligations": set()} if count(denials) > 0

settled(denials, grounds, _) := {"effect": "deny", "reasons": {ungrounded}, "obligations": set()} if {
	count(denials) == 0
	count(grounds) == 0
}

settled(denials, grounds, obligations) := {
	"effect": effect(obligations),
	"reasons": grounds,
	"obligations": obligations,
} if {
	count(denials) == 0
	count(grounds) > 0
}

effect(obligations) := "sanitize" if count(obligations) > 0

effect(obligations) := "allow" if count(obligations) == 0

# What is not named is enforced, and so is what has no name.
enforced(found) := {one |
	some one in found
	not is_relaxed(one)
}

is_relaxed(one) if data.modes[one.rule] in {"off", "report"}

in_report(found) := {one |
	some one in found
	data.modes[one.rule] == "report"
}

reported(own, customer) := object.union(
	told("would_deny", {denial | some denial in in_report(own.denials | customer.denials); is_reason(denial)}),
	told("would_sanitize", instructions(in_report(customer.obligations))),
)

told(_, found) := {} if count(found) == 0

told(name, found) := {name: found} if count(found) > 0

# METADATA
# scope: document
# description: What a customer's obligations ask for, without the rules that ask.
instructions(obligations) := {instruction |
	some obligation in obligations
	is_obligation(obligation)
	instruction := {"path": obligation.path, "action": obligation.action}
}

# An obligation that nobody can read must not be lost in silence.
malformed(customer) := {unreadable |
	some obligation in enforced(customer.obligations)
	not is_obligation(obligation)
}

is_obligation(obligation) if {
	is_string(obligation.rule)
	is_string(obligation.path)
	obligation.action in sanitize.strength
}

is_reason(denial) if {
	is_string(denial.message)
	is_string(denial.fix)
}

# METADATA
# scope: document
# description: >-
#   What a customer's rules gave under one key, as a set. Anything that is no set is taken for a member, which nobody
#   can read, so that it denies.
listed(given) := given if is_set(given)

listed(given) := {given} if not is_set(given)

ungrounded := {
	"rule": "policy.no_ground",
	"message": "No rule and no grant allows this",
	"fix": "ask an operator for a grant",
}

unreadable := {
	"rule": "policy.unreadable_obligation",
	"message": "A customer's rule asks for something that cannot be read",
	"fix": "let the rule give an object with rule, path and action",
}
