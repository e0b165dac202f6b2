package vivified.admin.access_test

import data.vivified.admin.access

request(method, route, traits) := {
	"subject": {"id": "u-1", "traits": traits},
	"resource": {"method": method, "route": route},
}

rules(decision) := {reason.rule | some reason in decision.reasons}

test_lets_each_role_do_what_it_is_for if {
	every _, case in {
		"admins create users": ["POST", "/admin/users", "admin_capable"],
		"admins approve plugins": ["POST", "/admin/plugins/:id/approve", "admin_capable"],
		"admins read decisions": ["GET", "/admin/decisions", "admin_capable"],
		"security publishes policies": ["PUT", "/admin/policies/:id", "security_capable"],
		"security reads decisions": ["GET", "/admin/decisions", "security_capable"],
		"auditors read decisions": ["GET", "/admin/decisions", "auditor_capable"],
		"auditors read the audit trail": ["GET", "/admin/audit", "auditor_capable"],
		"developers read plugins": ["GET", "/admin/plugins", "developer_capable"],
		"viewers read plugins": ["GET", "/admin/plugins/:id", "viewer_capable"],
	} {
		[method, route, trait] := case
		decision := access.decision with input as request(method, route, [trait])
		decision.effect == "allow"
		rules(decision) == {"admin.permitted"}
	}
}

test_refuses_what_no_right_names if {
	every _, case in {
		"nobody in particular": ["GET", "/admin/plugins", []],
		"an unknown trait": ["GET", "/admin/plugins", ["handles_pii"]],
		"an auditor who would change something": ["POST", "/admin/plugins/:id/approve", ["auditor_capable"]],
		"security that would create users": ["POST", "/admin/users", ["security_capable"]],
		"a developer who would read decisions": ["GET", "/admin/decisions", ["developer_capable"]],
		"a viewer who would read users": ["GET", "/admin/users", ["viewer_capable"]],
		"a route whose name only begins alike": ["GET", "/admin/decisionsets", ["auditor_capable"]],
		"an unknown method": ["TRACE", "/admin/users", ["admin_capable"]],
	} {
		[method, route, traits] := case
		decision := access.decision with input as request(method, route, traits)
		decision.effect == "deny"
		rules(decision) == {"admin.not_permitted"}
	}
}

test_lets_anyone_who_is_signed_in_see_their_own_session if {
	decision := access.decision with input as request("GET", "/auth/me", [])
	decision.effect == "allow"
	rules(decision) == {"admin.own_session"}
}

methods := {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

areas := {
	"alerts",
	"audit",
	"audit/holds",
	"decisions",
	"features",
	"kept-payloads",
	"mesh",
	"plugins",
	"policies",
	"policies/bundles",
	"users",
}

test_gives_each_trait_these_rights_and_no_other if {
	every trait, rights in {
		"admin_capable": {"read": areas, "change": areas},
		"security_capable": {
			"read": {
				"alerts",
				"audit",
				"audit/holds",
				"decisions",
				"kept-payloads",
				"mesh",
				"plugins",
				"policies",
				"policies/bundles",
			},
			"change": {"alerts", "audit/holds", "policies", "policies/bundles"},
		},
		"auditor_capable": {
			"read": {"alerts", "audit", "audit/holds", "decisions", "policies/bundles"},
			"change": set(),
		},
		"developer_capable": {"read": {"mesh", "plugins", "policies", "policies/bundles"}, "change": set()},
		"viewer_capable": {"read": {"features", "mesh", "plugins"}, "change": set()},
	} {
		reading := {[method, area] | some method in {"GET", "HEAD"}; some area in rights.read}
		changing := {[method, area] | some method in methods; not method in {"GET", "HEAD"}; some area in rights.change}
		permitted := {[method, area] |
			some method in methods
			some area in areas
			decision := access.decision with input as request(method, concat("/", ["/admin", area]), [trait])
			decision.effect == "allow"
		}
		permitted == reading | changing
	}
}

customer_denial := {"rule": "custom.no", "message": "Not here", "fix": "go elsewhere"}

test_lets_a_customer_deny_this_and_everything if {
	every key in ["*", "/admin/users"] {
		decision := access.decision with input as request("POST", "/admin/users", ["admin_capable"])
			with data.custom.admin.access.deny as {key: {customer_denial}}
		decision == {"effect": "deny", "reasons": {customer_denial}, "obligations": set()}
	}
}

test_does_not_try_what_a_customer_keyed_to_something_else if {
	decision := access.decision with input as request("POST", "/admin/users", ["admin_capable"])
		with data.custom.admin.access.deny as {"/admin": {customer_denial}}
	decision.effect == "allow"
}

test_keeps_the_way_back_open_whatever_a_customer_says if {
	every route in [
		"/admin/policies",
		"/admin/policies/rollback",
		"/admin/policies/activations/{id}/approve",
	] {
		decision := access.decision with input as request("POST", route, ["security_capable"])
			with data.custom.admin.access.deny as {"*": {customer_denial}, route: {customer_denial}}
		decision.effect == "allow"
	}
}
