# METADATA
# title: Traits
# description: What data carries, what a party is cleared for, and what follows when the two do not meet.
package vivified.traits

# METADATA
# scope: document
# description: The traits that are needed and not held.
missing(needed, held) := {trait |
	some trait in needed
	not trait in held
}

# METADATA
# scope: document
# description: The traits that a party needs for data that carries these, by a table from the one to the other.
required(carried, table) := {table[trait] | some trait in carried}

# METADATA
# scope: document
# description: >-
#   What happens to data with a trait when the receiver is not cleared for it. Undefined when the receiver may see it.
#   A trait that no table knows is one that nobody is cleared for.
withholding(trait, held) := data.clearances[trait].action if not cleared(trait, held)

withholding(trait, _) := "redact" if not data.clearances[trait]

cleared(trait, held) if data.clearances[trait].needs in held
