# METADATA
# title: An outside service's answer
# description: Decides whether a reply may reach the plugin that called and which of its fields.
# schemas:
#   - input: schema["egress-reply"]
package vivified.egress.reply

import data.vivified.judgement
import data.vivified.reason
import data.vivified.sanitize

# METADATA
# entrypoint: true
# custom:
#   cacheable: true
decision := judgement.decision(own, customer)

own := {
	"denials": denials,
	"grounds": grounds,
	"obligations": sanitize.obligations(input.fields, input.subject.traits),
}

# Only what is keyed to this question, or to every one, is tried.
customer := {
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.egress.reply.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.egress.reply.obligations[key])},
}

keys := {"*", input.resource.host}

# METADATA
# title: The destination is no longer granted
# description: A reply rests on the same grant as the request that it answers.
# custom:
#   id: egress.reply_not_granted
#   severity: high
#   fix: grant the destination to the caller
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The destination is granted
# description: The operator granted this destination, and with it its replies, to this caller.
# custom:
#   id: egress.reply_granted
#   severity: none
#   fix: revoke the grant to stop these calls
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
