"""Runs MiniStack, as AWS would answer where it differs: the program of `.venv-ministack`.

`python -m embedded_aws.ministack_server` does what `python -m ministack` does.
"""

from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import iam

_resolve_condition_key = iam_evaluator._resolve_condition_key  # noqa: SLF001 - there is no other way in


def _resolve_as_aws(key: str, context: Any) -> Any:  # noqa: ANN401 - MiniStack has no types
    """Give aws:PrincipalArn of a role's session as AWS does: the role, not the session.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    value = _resolve_condition_key(key, context)
    if key.lower() != "aws:principalarn" or context.principal_type != "AssumedRole":
        return value
    account, name = context.principal_account, context.principal_arn.split("/")[1]
    role = iam._roles.get_scoped(account, None, name) or {}  # noqa: SLF001 - as above
    return role.get("Arn", value)


def main() -> None:
    """Run MiniStack until it is told to stop."""
    iam_evaluator._resolve_condition_key = _resolve_as_aws  # noqa: SLF001 - as above
    # Over TLS it would listen on port 443 too, where two that run at once collide.
    app._port_is_bindable = lambda *_address: False  # noqa: SLF001 - as above
    app.main()


if __name__ == "__main__":
    main()
