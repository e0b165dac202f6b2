# METADATA
# title: What a receiver may see
# description: Turns the traits of fields and of the receiver into obligations that the gateway applies.
package vivified.sanitize

import data.vivified.traits

# METADATA
# scope: document
# description: >-
#   One obligation for each field that the receiver may not see whole; the strongest of its traits decides. Fields that
#   share a path carry the same traits: the host sees to it, and denies when two obligations contradict each other.
obligations(fields, held) := {obligation |
	some field in fields
	actions := {action |
		some trait in field.traits
		action := traits.withholding(trait, held)
	}
	obligation := {"path": field.path, "action": strongest(actions)}
}

# METADATA
# scope: document
# description: What nobody may see, cleared for everything or not, such as direct identifiers of patients.
always(fields) := obligations(fields, everything)

everything contains clearance.needs if some clearance in data.clearances

# METADATA
# scope: document
# description: The strongest of some actions. Undefined for none.
strongest(actions) := [action | some action in strength; action in actions][0]

# METADATA
# scope: document
# description: Every action, from what shows nothing to what shows everything. The gateway has the same order.
strength := ["remove", "redact", "hash", "tokenize", "mask", "generalize", "keep"]

# METADATA
# scope: document
# description: One obligation for each path. Where several ask for something, the strongest action holds.
strictest(obligations) := {obligation |
	some path in {asked.path | some asked in obligations}
	action := strongest({asked.action | some asked in obligations; asked.path == path})
	obligation := {"path": path, "action": action}
}
