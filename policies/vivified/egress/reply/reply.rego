# METADATA
# title: An outside service's answer
# description: Decides whether a reply may reach the plugin that called and which of its fields.
# schemas:
#   - input: schema["egress-reply"]
package vivified.egress.reply

import data.vivified.reason
import data.vivified.sanitize

# METADATA
# entrypoint: true
# custom:
#   cacheable: true
decision := reason.decision(denials, grounds, sanitize.obligations(input.fields, input.subject.traits))

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
