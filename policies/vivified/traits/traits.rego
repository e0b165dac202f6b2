# METADATA
# title: Traits
# description: What data carries, what a party is cleared for, and what follows when the two do not meet.
package vivified.traits

# METADATA
# description: The traits that are needed and not held.
missing(needed, held) := {trait |
	some trait in needed
	not trait in held
}

# METADATA
# description: >-
#   What happens to data with a trait when the receiver is not cleared for it. Undefined when the receiver may see it.
#   A trait that has no clearance is one that nobody can be cleared for.
withholding(trait, held) := data.clearances[trait].action if not cleared(trait, held)

withholding(trait, _) := "redact" if not data.clearances[trait]

cleared(trait, held) if data.clearances[trait].needs in held
