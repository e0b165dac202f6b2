# METADATA
# title: Calling a service outside the platform
# description: Decides whether a destination may be reached and which fields of the request may leave.
# schemas:
#   - input: schema["egress-connect"]
package vivified.egress.connect

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
	"obligations": sanitize.obligations(input.fields, leaving),
}

# Only what is keyed to this question, or to every one, is tried.
customer := {
	"denials": {denial | some key in keys; some denial in judgement.listed(data.custom.egress.connect.deny[key])},
	"obligations": {asked | some key in keys; some asked in judgement.listed(data.custom.egress.connect.obligations[key])},
}

keys := {"*", input.resource.host}

# METADATA
# scope: document
# description: >-
#   What may leave is what the caller may handle itself. Health data, and data that must stay encrypted, leave only
#   over an encrypted transport.
leaving contains trait if {
	some trait in input.subject.traits
	not trait in {"handles_phi", "encryption_capable"}
}

leaving contains "handles_phi" if {
	"handles_phi" in input.subject.traits
	encrypted
}

leaving contains "encryption_capable" if encrypted

# SMTP is STARTTLS unless an insecure grant of dev mode says otherwise.
encrypted if input.resource.scheme in {"https", "smtps", "smtp"}

# METADATA
# title: The egress lane is switched off
# description: One switch of the platform stops every call to the outside.
# custom:
#   id: egress.lane_disabled
#   severity: high
#   fix: switch the egress lane on
denials contains reason.from(rego.metadata.rule()) if not input.resource.lane_enabled

# METADATA
# title: The caller may not use outside services
# description: Only plugins that declare outside services may call any.
# custom:
#   id: egress.caller_trait
#   severity: high
#   fix: give the caller the trait, or remove the call
denials contains reason.about(rego.metadata.rule(), trait) if {
	some trait in traits.missing({"external_service"}, input.subject.traits)
}

# METADATA
# title: The destination is not granted
# description: A plugin may reach only the destinations that an operator granted it.
# custom:
#   id: egress.not_granted
#   severity: high
#   fix: grant scheme, host, port, path and method to the caller, or remove the call
denials contains reason.from(rego.metadata.rule()) if not input.grant

# METADATA
# title: The method does not fit the scheme
# description: Mail is sent with SEND over smtp or smtps; every other method goes over https or http.
# custom:
#   id: egress.method_scheme
#   severity: medium
#   fix: use SEND for mail and an HTTP method for everything else
denials contains reason.from(rego.metadata.rule()) if not method_fits_scheme

method_fits_scheme if {
	input.resource.method == "SEND"
	input.resource.scheme in {"smtp", "smtps"}
}

method_fits_scheme if {
	input.resource.method != "SEND"
	input.resource.scheme in {"http", "https"}
}

# METADATA
# title: The destination is granted
# description: The operator granted this destination to this caller.
# custom:
#   id: egress.granted
#   severity: none
#   fix: revoke the grant to stop these calls
grounds contains reason.about(rego.metadata.rule(), input.grant.id)
