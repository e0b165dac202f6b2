# METADATA
# title: Answering a call
# description: Decides whether a reply may go back to the caller and which of its fields the caller may see.
# schemas:
#   - input: schema["rpc-reply"]
package vivified.rpc.reply

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
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.rpc.reply.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.rpc.reply.obligations[key])},
}

keys := {"*", concat(".", [input.resource.plugin, input.resource.operation])}

# METADATA
# title: The operation is no longer granted
# description: A reply rests on the same grant as the call that it answers.
# custom:
#   id: rpc.reply_not_granted
#   severity: high
#   fix: grant the operation to the caller
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The operation is granted
# description: The operator granted this operation, and with it its reply, to this caller.
# custom:
#   id: rpc.reply_granted
#   severity: none
#   fix: revoke the grant to stop these calls
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
