package vivified.audit.mask_test

import data.vivified.audit.mask

record(fields) := {"lane": "rpc", "entrypoint": "rpc/invoke", "fields": fields, "attributes": {}}

test_keeps_every_record if {
	decision := mask.decision with input as record([{"path": "/topic", "type": "string", "traits": []}])
	decision.effect == "allow"
	{reason.rule | some reason in decision.reasons} == {"audit.kept"}
}

test_keeps_less_of_what_a_log_must_not_hold if {
	every _, case in {
		"personal text is masked": ["string", ["pii"], "mask"],
		"public personal text is masked": ["string", ["pii", "public"], "mask"],
		"internal personal text is masked": ["string", ["internal", "pii"], "mask"],
		"personal data that is not text is redacted": ["object", ["pii"], "redact"],
		"health data is removed": ["string", ["phi", "pii"], "remove"],
		"direct identifiers are redacted": ["string", ["direct_identifier", "pii"], "redact"],
		"confidential data is redacted": ["string", ["confidential"], "redact"],
	} {
		[type, traits, action] := case
		decision := mask.decision with input as record([{"path": "/field", "type": type, "traits": traits}])
		decision.effect == "sanitize"
		decision.obligations == {{"path": "/field", "action": action}}
	}
}

test_asks_one_thing_of_a_path_that_holds_different_types if {
	fields := [
		{"path": "/list/*", "type": "string", "traits": ["pii"]},
		{"path": "/list/*", "type": "object", "traits": ["pii"]},
	]
	decision := mask.decision with input as record(fields)
	decision.obligations == {{"path": "/list/*", "action": "redact"}}
}

test_lets_a_customer_keep_less_and_deny_nothing if {
	asked := {"rule": "custom.less", "path": "/topic", "action": "remove"}
	decision := mask.decision with input as record([{"path": "/topic", "type": "string", "traits": []}])
		with data.custom.audit.mask as {"obligations": {"*": {asked}}, "deny": {"*": {{"rule": "custom.no"}}}}
	decision.effect == "sanitize"
	decision.obligations == {{"path": "/topic", "action": "remove"}}
}
