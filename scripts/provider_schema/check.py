"""Compares the configuration with the schema."""

from collections.abc import Iterable, Iterator, Mapping

from provider_schema.schema import Argument, Schema
from terraform_configuration import Block, Reference, Resource

_META_ARGUMENTS = frozenset({"count", "for_each", "depends_on", "provider"})
_META_BLOCKS = frozenset({"lifecycle", "connection", "provisioner"})
"""Terraform's own, in whatever resource.

https://developer.hashicorp.com/terraform/language/meta-arguments
"""


def problems(
    resources: Iterable[Resource], references: Iterable[Reference], schema: Schema
) -> Iterator[str]:
    """Yield what the provider of the schema would not accept, one sentence each.

    Args:
        resources: the configuration's resources and data sources.
        references: where it reads their attributes.
        schema: what the provider has.
    """
    for resource in resources:
        type_ = schema.types.get(resource.type)
        where = f"{resource.file}: {resource.address}"
        if type_ is None:
            yield f"{where}: {schema.provider} has no {resource.type}, or the extract has none"
        else:
            body = Block(
                resource.body.arguments - _META_ARGUMENTS,
                tuple(it for it in resource.body.blocks if it[0] not in _META_BLOCKS),
            )
            yield from _of_block(where, body, type_.arguments, schema.provider)
    for reference in references:
        type_ = schema.types.get(reference.type)
        if type_ is not None and _camel(reference.attribute) not in type_.attributes:
            yield (
                f"{reference.file}: {reference.type} has no attribute {reference.attribute} in "
                f"{schema.provider}"
            )


def _of_block(
    where: str, body: Block, arguments: Mapping[str, Argument], provider: str
) -> Iterator[str]:
    given = body.arguments | {name for name, _ in body.blocks}
    for name in sorted(given - set(arguments)):
        yield f"{where}: there is no {name} in {provider}"
    for name in sorted(name for name, it in arguments.items() if it.is_required):
        if name not in given:
            yield f"{where}: {name} is missing, which {provider} requires"
    for name, block in body.blocks:
        argument = arguments.get(name)
        if argument is not None and argument.nested is None:
            yield f"{where}: {name} is no block in {provider}"
        elif argument is not None and argument.nested is not None:
            yield from _of_block(f"{where}: {name}", block, argument.nested, provider)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
