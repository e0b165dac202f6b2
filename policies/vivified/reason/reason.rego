# METADATA
# title: Reasons
# description: How a rule's annotations become the reason that people read.
package vivified.reason

# METADATA
# scope: document
# description: The reason of a rule, from its annotations. Customers' rules may call it.
from(rule) := {"rule": rule.custom.id, "message": rule.title, "fix": object.get(rule.custom, "fix", "")}

# METADATA
# scope: document
# description: The same, naming what it is about, such as the trait that is missing or the grant that allows.
about(rule, what) := object.union(from(rule), {"message": concat(": ", [rule.title, what])})
