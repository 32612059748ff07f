"""Two stacks on one embedded AWS that enforces policies, and the principals around them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from access.principals import VARIABLES, Account, Principal
from access.rendered import Documents, read_documents
from access.stage import Stage
from emulation.endpoint import forget_aws_settings
from emulation.ministack import temporary_ministack
from emulation.terraform import Terraform
from package_function import INTAKE, package_of

_GRADING: dict[str, object] = {"grading": {"package_path": str(package_of(INTAKE))}}
"""The grader never runs here, so any package will do."""
KEYED_VARIABLES = {"name": "keyed", "customer_managed_key": True, "tracing_mode": "Active"}
"""The stack that has every policy's further statements; it names no principal."""


@dataclass(frozen=True, slots=True)
class AccessContext:
    """What the tests of access start from."""

    stage: Stage
    documents: Documents
    """Every policy of the stack whose policies are tried."""
    keyed_documents: Documents
    """Every policy of the stack with a customer-managed key."""
    keyed_terraform: Terraform


@contextmanager
def temporary_context() -> Iterator[AccessContext]:
    """Provide the stacks and the principals for the length of a ``with`` block.

    Raises:
        EmulationError: the emulator did not start, or Terraform failed.
    """
    forget_aws_settings()
    with temporary_ministack() as ministack:
        account = Account(ministack.endpoint)
        account.create_principals()
        with ThreadPoolExecutor() as pool:
            usual = pool.submit(ministack.provision, VARIABLES | _GRADING)
            keyed = pool.submit(ministack.provision, KEYED_VARIABLES | _GRADING)
        documents = read_documents(usual.result().state())
        account.assume(Principal.FUNCTION, documents.role_arns["trust"])
        account.assume(Principal.GRADER, documents.role_arns["grader_trust"])
        account.client("iam").attach_role_policy(
            RoleName=Principal.FEDERATED_OPERATOR, PolicyArn=documents.arns["repairing_operator"]
        )
        stage = Stage(account, usual.result().outputs(), keyed.result().outputs())
        # The emulator would take the messages that the tests send, and run the grader.
        account.client("lambda").update_event_source_mapping(
            UUID=stage.names.grader_mapping_uuid, Enabled=False
        )
        keyed_documents = read_documents(keyed.result().state())
        yield AccessContext(stage, documents, keyed_documents, keyed.result())
