# METADATA
# title: What the log keeps
# description: Decides which fields of a record must not be kept as they are. Records are always kept.
# schemas:
#   - input: schema["audit-mask"]
package vivified.audit.mask

import data.vivified.judgement
import data.vivified.reason
import data.vivified.sanitize

# METADATA
# entrypoint: true
# custom:
#   cacheable: true
decision := judgement.decision(
	{"denials": set(), "grounds": grounds, "obligations": erasures},
	{"denials": set(), "obligations": customer},
)

# Records are always kept, so a customer's rules cannot deny; they can keep less.
customer := {asked | some asked in judgement.listed(data.custom.audit.mask.obligations["*"])}

# METADATA
# scope: document
# description: The log is cleared for nothing; personal text is masked rather than lost, so that records stay apart.
erasures contains softened(obligation) if some obligation in sanitize.obligations(input.fields, set())

softened(obligation) := object.union(obligation, {"action": "mask"}) if not obligation.path in more_than_personal_text

softened(obligation) := obligation if obligation.path in more_than_personal_text

more_than_personal_text contains field.path if {
	some field in input.fields
	not personal_text(field)
}

personal_text(field) if {
	field.type == "string"
	{trait | some trait in field.traits; not trait in {"public", "internal"}} == {"pii"}
}

# METADATA
# title: Every record is kept
# description: The log loses nothing; it only keeps less of what it must not hold.
# custom:
#   id: audit.kept
#   severity: none
#   fix: nothing needs to change
grounds contains reason.from(rego.metadata.rule())
