"""Breaks every statement of every policy in several ways, and checks that a test notices.

`make mutate-policies`, or for some of them `make mutate-policies POLICIES="queue bucket"`.

A policy that calls are tried against is broken on the emulator, and the table's calls are made
again; every policy is also broken as rendered, and what it has to say is compared again. A mutant
that neither notices survives, and is reported.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from access.attempts import attempt, expected
from access.context import temporary_context
from access.expected_policies import KEYED_SIDS, exact_statements, violations
from access.principals import Principal
from access.rendered import Documents, Policy, Statement
from access.stage import Stage
from access.table import TABLE, Row
from emulation.terraform import StackOutputs

_CELLS = [(row, principal) for row in TABLE for principal in row.principals]
_WHOSE = {
    "uploader": Principal.UPLOADER,
    "back_end": Principal.BACK_END,
    "operator": Principal.OPERATOR,
    "repairing_operator": Principal.REPAIRING_OPERATOR,
    "results_reader": Principal.RESULTS_READER,
    "author": Principal.AUTHOR,
    "gradebook_reader": Principal.GRADEBOOK_READER,
    "function": Principal.FUNCTION,
    "grader": Principal.GRADER,
    "grader_submissions": Principal.GRADER,
}
_INLINE = {
    "function": "submitter-intake",
    "grader": "submitter-grader",
    "grader_submissions": "submitter-grader-submissions",
}
"""The policies of the functions' roles, by their names there."""
_WHICH = {
    "bucket": "s3",
    "queue": "sqs",
    "dead_letter_queue": "sqs",
    "intake_failures_queue": "sqs",
}
_NOTHING: Statement = {"Sid": "Nothing", "Effect": "Deny", "Action": "none:None", "Resource": "*"}
"""Replaces a policy's only statement: a policy without any is not accepted."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A policy with one statement broken."""

    stack: str
    policy: str
    sid: str
    how: str
    statements: Policy

    def __str__(self) -> str:
        return f"{self.stack}: {self.policy}'s {self.sid}, {self.how}"


def mutants(stack: str, name: str, policy: Policy) -> Iterator[Mutant]:
    """Break each of a policy's statements in turn, in each way."""
    for number, statement in enumerate(policy):
        for how, broken in _broken(statement):
            rest = [broken] if broken is not None else []
            statements = (*policy[:number], *rest, *policy[number + 1 :])
            yield Mutant(stack, name, statement["Sid"], how, statements or (_NOTHING,))


def _broken(statement: Statement) -> Iterator[tuple[str, Statement | None]]:
    yield "removed", None
    yield (
        "its effect turned",
        statement | {"Effect": "Deny" if statement["Effect"] == "Allow" else "Allow"},
    )
    for element in ("Action", "Resource"):
        if element not in statement:
            continue
        values = _texts(statement[element])
        if values != ["*"]:
            yield f"{element} widened to *", statement | {element: "*"}
        if len(values) > 1:
            for value in values:
                others = [each for each in values if each != value]
                yield f"without the {element} {value}", statement | {element: others}
    if statement.get("Principal", "*") != "*":
        yield "Principal widened to *", statement | {"Principal": "*"}
    conditions: dict[str, dict[str, Any]] = statement.get("Condition", {})
    for operator, keys in conditions.items():
        for key, values in keys.items():
            left = {name: each for name, each in keys.items() if name != key}
            rest = {name: each for name, each in conditions.items() if name != operator}
            kept = rest | ({operator: left} if left else {})
            bare = {name: each for name, each in statement.items() if name != "Condition"}
            yield f"without the condition on {key}", bare | ({"Condition": kept} if kept else {})
            for value in _texts(values) if len(_texts(values)) > 1 else []:
                others = [each for each in _texts(values) if each != value]
                yield (
                    f"without {value} in the condition on {key}",
                    statement | {"Condition": conditions | {operator: keys | {key: others}}},
                )


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def first_wrong(stage: Stage, cells: Iterable[tuple[Row, Principal]]) -> str | None:
    """Make calls until one is not answered as the table says; return which."""
    # What would break the stack comes last: a broken policy may well allow it.
    for row, principal in sorted(cells, key=lambda cell: cell[0].destroys):
        try:
            answer = attempt(stage, row, principal)
        except (ClientError, AssertionError) as error:
            return f"{principal}: {row.what}: {error}"
        if answer != expected(row, principal):
            return f"{principal}: {row.what}: {answer}"
    return None


@contextmanager
def in_force(stage: Stage, documents: Documents, mutant: Mutant) -> Iterator[None]:
    """Put a mutant in its policy's place for the length of a block."""
    write = _writer(stage, documents, mutant.policy)
    write(mutant.statements)
    try:
        yield
    finally:
        write(documents.policies[mutant.policy])


def _writer(stage: Stage, documents: Documents, policy: str) -> Callable[[Policy], None]:
    iam = stage.account.client("iam")

    def managed(document: str) -> None:
        arn = documents.arns[policy]
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)

    def inline(document: str) -> None:
        iam.put_role_policy(
            RoleName=_WHOSE[policy], PolicyName=_INLINE[policy], PolicyDocument=document
        )

    def buckets(document: str) -> None:
        stage.account.client("s3").put_bucket_policy(Bucket=stage.bucket, Policy=document)

    def queues(document: str) -> None:
        stage.account.client("sqs").set_queue_attributes(
            QueueUrl=stage.url(policy), Attributes={"Policy": document}
        )

    if policy in documents.arns:
        write = managed
    elif policy in _INLINE:
        write = inline
    else:
        write = buckets if policy == "bucket" else queues
    return lambda statements: write(
        json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    )


def _noticed_by(
    stage: Stage, documents: Documents, names: StackOutputs, mutant: Mutant
) -> Iterator[str]:
    """Yield what notices a mutant: the calls, the expected policies, or both."""
    is_tried = names is stage.names
    cells = [
        (row, principal)
        for row, principal in _CELLS
        if principal is _WHOSE.get(mutant.policy) or row.service == _WHICH.get(mutant.policy)
    ]
    if is_tried and cells:
        try:
            with in_force(stage, documents, mutant):
                if first_wrong(stage, cells) is not None:
                    yield "calls"
        except ClientError as error:
            # AWS refuses such a policy: it would make the bucket public.
            if "BlockPublicPolicy" not in str(error):
                raise
            yield "the public access block"
    broken = replace(documents, policies={**documents.policies, mutant.policy: mutant.statements})
    # That a statement is there at all is counted too, and would notice any that is removed.
    if any(violations(broken, names)):
        yield "rendered policies"


def main() -> int:
    """Break everything once; return 1 if anything went unnoticed, else 0."""
    chosen = set(sys.argv[1:])
    with temporary_context() as context:
        stage = context.stage
        wrong = first_wrong(stage, _CELLS) or next(
            chain(
                violations(context.documents, stage.names),
                violations(context.keyed_documents, stage.other),
            ),
            None,
        )
        if wrong is not None:
            print(f"error: not even the whole policies pass: {wrong}", file=sys.stderr)
            return 1
        counts: Counter[str] = Counter()
        survivors = []
        for documents, names in (
            (context.documents, stage.names),
            (context.keyed_documents, stage.other),
        ):
            exact = exact_statements(documents, names)
            for policy, statements in documents.policies.items():
                if chosen and policy not in chosen:
                    continue
                for mutant in mutants(names.name, policy, statements):
                    place = policy, mutant.sid
                    is_further = mutant.sid in KEYED_SIDS.get(policy, set()) or place in exact
                    if names is stage.other and not is_further:
                        continue  # the same statement as the other stack's, and broken there
                    noticed = " and ".join(_noticed_by(stage, documents, names, mutant))
                    counts[noticed or "nothing"] += 1
                    if not noticed:
                        survivors.append(mutant)
                        print(f"SURVIVED  {mutant}", flush=True)
        wrong = first_wrong(stage, _CELLS)
    print(
        f"{counts.total()} mutants; noticed by "
        + ", ".join(f"{k}: {v}" for k, v in sorted(counts.items()))
    )
    if wrong is not None:
        print(f"error: the stack did not survive its mutants: {wrong}", file=sys.stderr)
    return int(bool(survivors) or wrong is not None)


if __name__ == "__main__":
    raise SystemExit(main())
