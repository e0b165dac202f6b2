# METADATA
# title: What a receiver may see
# description: Turns the traits of fields and of the receiver into obligations that the gateway applies.
package vivified.sanitize

import data.vivified.traits

# METADATA
# description: One obligation for each field that the receiver may not see whole; the strongest of its traits decides.
obligations(fields, held) := {obligation |
	some field in fields
	actions := {action |
		some trait in field.traits
		action := traits.withholding(trait, held)
	}
	obligation := {"path": field.path, "action": strongest(actions)}
}

# METADATA
# description: The strongest of some actions. Undefined for none.
strongest(actions) := [action | some action in strength; action in actions][0]

strength := ["remove", "redact", "mask"]
