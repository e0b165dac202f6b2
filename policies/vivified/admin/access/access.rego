# METADATA
# title: Using the administration API
# description: Decides whether a person, or an API key, may use a route of core. Roles give traits; traits give rights.
# schemas:
#   - input: schema["admin-access"]
package vivified.admin.access

import data.vivified.judgement
import data.vivified.reason

# METADATA
# entrypoint: true
# custom:
#   cacheable: true
decision := judgement.decision(own, {"denials": customers, "obligations": set()})

own := {
	"denials": denials,
	"grounds": grounds,
	"obligations": set(),
}

# METADATA
# scope: document
# description: >-
#   Whatever a customer's rules say: the way back from them stays open to those whom the floor lets in.
customers contains denial if {
	not input.resource.route in recovery
	some key in {"*", input.resource.route}
	some denial in judgement.listed(data.custom.admin.access.deny[key])
}

recovery := {"/admin/policies", "/admin/policies/rollback", "/admin/policies/activations/{id}/approve"}

# METADATA
# title: The route is not among the subject's rights
# description: What no right names is not allowed.
# custom:
#   id: admin.not_permitted
#   severity: medium
#   fix: give the person a role that may use this route
denials contains reason.from(rego.metadata.rule()) if count(grounds) == 0

# METADATA
# title: A trait gives the right to this route
# description: The trait comes from one of the subject's roles.
# custom:
#   id: admin.permitted
#   severity: none
#   fix: take the role away to end the right
grounds contains reason.about(rego.metadata.rule(), trait) if {
	some trait in input.subject.traits
	some right in data.access[trait]
	input.resource.method in right.methods
	some root in right.routes
	below(input.resource.route, root)
}

# METADATA
# title: The route concerns only the subject's own session
# description: Whoever is signed in may look at and end their own session.
# custom:
#   id: admin.own_session
#   severity: none
#   fix: block the account to end its sessions
grounds contains reason.from(rego.metadata.rule()) if below(input.resource.route, "/auth")

below(route, root) if route == root

below(route, root) if startswith(route, concat("", [root, "/"]))
