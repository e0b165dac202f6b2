# METADATA
# title: Calls of the mail gateway
# description: What this company adds to the platform's rules about calls of the mail gateway.
# schemas:
#   - input: schema["rpc-invoke"]
package custom.rpc.invoke

import data.vivified.reason

# METADATA
# title: Health data is not mailed
# description: A call that carries health data does not reach the mail gateway at all.
# custom:
#   id: custom.no_health_data_by_mail
#   severity: high
#   fix: leave the field out, or send a link to the record
deny["email-gateway.send_email"] contains reason.about(rego.metadata.rule(), field.path) if {
	some field in input.fields
	"phi" in field.traits
}
