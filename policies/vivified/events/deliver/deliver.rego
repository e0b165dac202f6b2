# METADATA
# title: Delivering an event to one subscriber
# description: Decides whether this subscriber may receive an event and which of its fields.
# schemas:
#   - input: schema["events-deliver"]
package vivified.events.deliver

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
	"obligations": sanitize.obligations(input.fields, receiver.traits),
}

# Only what is keyed to this question, or to every one, is tried.
customer := {
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.events.deliver.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.events.deliver.obligations[key])},
}

keys := {"*", split(input.resource.event_type, ".")[0]}

receiver := input.resource.subscriber

# METADATA
# title: The subscription is not granted
# description: A plugin receives only the event types that an operator granted it.
# custom:
#   id: events.subscription_not_granted
#   severity: high
#   fix: grant the event type to the subscriber, or remove the subscription
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The subscriber lacks a trait that this event type asks for
# description: Some event types go only to plugins with certain traits, whatever the event carries.
# custom:
#   id: events.receiver_trait
#   severity: critical
#   fix: give the subscriber the trait, or remove the subscription
denials contains reason.about(rego.metadata.rule(), trait) if {
	# Versions of a type (`UserCreated.v2`) are as sensitive as the type.
	type := split(input.resource.event_type, ".")[0]
	some trait in traits.missing(data.events.receivers[type], receiver.traits)
}

# METADATA
# title: The subscriber lacks a trait that the event's data asks for
# description: An event that carries personal or health data, or data that must stay encrypted, goes to nobody else.
# custom:
#   id: events.carried_trait
#   severity: critical
#   fix: give the subscriber the trait, or publish an event without this data
denials contains reason.about(rego.metadata.rule(), trait) if {
	some trait in traits.missing(traits.required(input.resource.traits, data.events.carriers), receiver.traits)
}

# METADATA
# title: The subscription is granted
# description: The operator granted this event type to this subscriber.
# custom:
#   id: events.subscription_granted
#   severity: none
#   fix: revoke the grant to stop these deliveries
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
