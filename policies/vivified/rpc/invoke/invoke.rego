# METADATA
# title: Calling an operation of another plugin
# description: Decides whether a call may be made and which of its fields the target may see.
# schemas:
#   - input: schema["rpc-invoke"]
package vivified.rpc.invoke

import data.vivified.judgement
import data.vivified.reason
import data.vivified.sanitize
import data.vivified.traits

# METADATA
# entrypoint: true
# custom:
#   cacheable: true
decision := judgement.decision(own, customer)

own := {
	"denials": denials,
	"grounds": grounds,
	"obligations": sanitize.obligations(input.fields, input.resource.traits),
}

# Only what is keyed to this question, or to every one, is tried.
customer := {
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.rpc.invoke.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.rpc.invoke.obligations[key])},
}

keys := {"*", concat(".", [input.resource.plugin, input.resource.operation])}

# METADATA
# title: The operation is not granted
# description: A plugin may call only the operations that an operator granted it.
# custom:
#   id: rpc.not_granted
#   severity: high
#   fix: grant the operation to the caller, or remove the call
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The caller lacks a trait that the operation asks for
# description: Operations may name traits that every caller must hold.
# custom:
#   id: rpc.caller_trait
#   severity: high
#   fix: give the caller the trait, or call an operation that does not need it
denials contains reason.about(rego.metadata.rule(), trait) if {
	some trait in traits.missing(input.resource.requires_traits, input.subject.traits)
}

# METADATA
# title: The operation is granted
# description: The operator granted this operation to this caller.
# custom:
#   id: rpc.granted
#   severity: none
#   fix: revoke the grant to stop these calls
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
