"""Policy documents of a plan: data sources that Terraform renders only during the apply.

It does so whenever something changes that the document names, also in place. The policy is "known
after the apply" then, although the plan has all that it will say.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from plan_guard.plan_format import Attributes, any_true, as_mapping
from plan_guard.policy import Statement, parse_policy, parse_statements

DOCUMENT = "aws_iam_policy_document"
"""The type of data source that renders a policy."""

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_SAID = ("statement", "source_policy_documents", "override_policy_documents")


class PlannedDocuments:
    """The documents of a plan that are rendered later although all they say is known."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Find them in a plan, as `terraform show -json` tells it."""
        self._known = {
            entry["address"]: entry["change"]["after"]
            for entry in plan.get("resource_changes", ())
            if _is_known_document(entry)
        }
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        root = plan.get("configuration", {}).get("root_module", {})
        for address, attribute, document in _references(root):
            self._names[address][attribute] = document

    def of(self, entry: Mapping[str, Any]) -> dict[str, Attributes]:
        """Return the documents that a resource's attributes are made of, by attribute.

        Args:
            entry: what the plan does to the resource.
        """
        module = f"{entry['module_address']}." if "module_address" in entry else ""
        index = f"[{json.dumps(entry['index'])}]" if "index" in entry else ""
        names = self._names.get(_INDEX.sub("", entry["address"]), {})
        return {
            attribute: self._known[address]
            for attribute, name in names.items()
            # One document for all instances of the resource, or one for each.
            for address in (f"{module}{name}", f"{module}{name}{index}")
            if address in self._known
        }


def _is_known_document(entry: Mapping[str, Any]) -> bool:
    if entry["type"] != DOCUMENT or entry["change"]["actions"] != ["read"]:
        return False
    unknown = as_mapping(entry["change"].get("after_unknown"))
    # What overrides statements by their names is more than a comparison should guess at.
    return not entry["change"]["after"].get("override_policy_documents") and not any(
        any_true(unknown.get(name)) for name in _SAID
    )


def _references(module: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield a resource's address, an attribute, and the one document that it is made of."""
    for resource in module.get("resources", ()):
        for attribute, expression in as_mapping(resource.get("expressions")).items():
            documents = sorted(
                {
                    _INDEX.sub("", ".".join(reference.split(".")[:3]))
                    for reference in as_mapping(expression).get("references", ())
                    if reference.startswith(f"data.{DOCUMENT}.")
                }
            )
            if len(documents) == 1:
                yield f"{prefix}{resource['address']}", attribute, documents[0]
    for name, call in as_mapping(module.get("module_calls")).items():
        yield from _references(call.get("module", {}), f"{prefix}module.{name}.")


def document_statements(attributes: Attributes) -> Iterator[Statement]:
    """Yield the statements of a policy document that is rendered only during the apply.

    What is not known yet, such as the ARN of what is not there yet, is missing from it.

    Args:
        attributes: the document's, as the plan has them.

    Raises:
        ValueError: it takes over a policy that is not JSON.
        KeyError: it takes over what is no policy.
    """
    for text in attributes.get("source_policy_documents") or ():
        yield from parse_policy(text or "")
    for block in attributes.get("statement") or ():
        statement: dict[str, Any] = {
            "Sid": block.get("sid"),
            "Effect": block.get("effect") or "Allow",
            "Action": block.get("actions") or (),
            "Resource": block.get("resources") or (),
            "Condition": _conditions(block),
        }
        principals = _principals(block.get("principals"))
        if principals:
            statement["Principal"] = principals
        for field, name in (("not_actions", "NotAction"), ("not_resources", "NotResource")):
            if block.get(field):
                statement[name] = block[field]
        if block.get("not_principals"):
            statement["NotPrincipal"] = _principals(block["not_principals"])
        yield from parse_statements([statement])


def _principals(blocks: object) -> dict[str, list[str]]:
    principals: dict[str, list[str]] = defaultdict(list)
    for block in blocks if isinstance(blocks, list) else ():
        principals[block.get("type") or ""] += block.get("identifiers") or ()
    return principals


def _conditions(block: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    conditions: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for test in block.get("condition") or ():
        conditions[test.get("test") or ""][test.get("variable") or ""] = test.get("values") or []
    return conditions
