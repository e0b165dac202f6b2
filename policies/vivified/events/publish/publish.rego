# METADATA
# title: Publishing an event
# description: Decides whether a canonical event may be published and what of it is stored.
# schemas:
#   - input: schema["events-publish"]
package vivified.events.publish

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
	"obligations": sanitize.always(input.fields),
}

# Only what is keyed to this question, or to every one, is tried.
customer := {
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.events.publish.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.events.publish.obligations[key])},
}

keys := {"*", split(input.resource.event_type, ".")[0]}

# METADATA
# title: The event type is not granted
# description: A plugin may publish only the event types that an operator granted it.
# custom:
#   id: events.publish_not_granted
#   severity: high
#   fix: grant the event type to the publisher, or stop publishing it
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The publisher lacks a trait that the event's data asks for
# description: Personal and health data are published only by plugins that handle such data themselves.
# custom:
#   id: events.publisher_trait
#   severity: critical
#   fix: give the publisher the trait, or leave the data out of the event
denials contains reason.about(rego.metadata.rule(), trait) if {
	some trait in traits.missing(traits.required(input.resource.traits, data.events.publishers), input.subject.traits)
}

# METADATA
# title: The event type is granted
# description: The operator granted this event type to this publisher.
# custom:
#   id: events.publish_granted
#   severity: none
#   fix: revoke the grant to stop these events
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
