"""Chooses where Terraform gets its AWS provider: a mirror on this machine, else the registry.

The file formats of Terraform and OpenTofu:
https://developer.hashicorp.com/terraform/cli/config/config-file
https://opentofu.org/docs/cli/config/config-file/
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulation.terraform_program import OWN_REGISTRY, Program

MIRROR_PARENTS = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"))
"""Folders where administrators put provider mirrors, up to two folders deep."""

_PROVIDER = "hashicorp/aws"
_OLDEST, _NEWEST_MAJOR = (5, 100), 6
"""The provider versions that terraform/terraform.tf accepts."""

_PROVIDER_INSTALLATION = re.compile(r"^\s*provider_installation\b", re.MULTILINE)
_PLUGIN_CACHE = re.compile(r"^\s*plugin_cache_dir\b", re.MULTILINE)


def find_provider(program: Program, parents: tuple[Path, ...] = MIRROR_PARENTS) -> Path | None:
    """Find the AWS provider in one of Terraform's filesystem mirrors.

    A mirror of the program's own registry comes first. A mirror of the other registry works too:
    both have HashiCorp's build.

    Args:
        program: the program that needs the provider.
        parents: the folders to look below.

    Returns:
        The provider's folder in the mirror, packed or unpacked; None if there is none.
    """
    own = OWN_REGISTRY[program.product]
    others = [registry for registry in OWN_REGISTRY.values() if registry != own]
    for registry in (own, *others):
        for parent in parents:
            for depth in ("", "*/", "*/*/"):
                for provider in sorted(parent.glob(f"{depth}{registry}/{_PROVIDER}")):
                    packages = _packages(provider, program.platform)
                    if any(_is_accepted(version) for _, version in packages):
                        return provider
    return None


def _packages(provider: Path, platform: str) -> Iterator[tuple[Path, str]]:
    """Yield the provider's packages for a platform, each with its version."""
    for unpacked in provider.glob(f"*/{platform}"):
        yield unpacked, unpacked.parent.name
    for packed in provider.glob(f"terraform-provider-aws_*_{platform}.zip"):
        yield packed, packed.name.split("_")[1]


def _is_accepted(version: str) -> bool:
    parts = re.fullmatch(r"(\d+)\.(\d+)\.\d+", version)
    if parts is None:
        return False
    major, minor = int(parts[1]), int(parts[2])
    return (major, minor) >= _OLDEST and major <= _NEWEST_MAJOR


def configure_provider_source(
    environment: Mapping[str, str], program: Program, *, folder: Path, plugin_cache: Path
) -> dict[str, str]:
    """Set the environment variables for Terraform's provider source.

    A CLI configuration of the user that says how to install providers is not changed; any other
    one is copied and extended. A file or folder that can't be read counts as missing.

    Args:
        environment: the user's environment variables.
        program: the program to configure.
        folder: the folder for a new configuration.
        plugin_cache: the folder for packages from the registry, kept for later runs.

    Returns:
        The environment for Terraform.
    """
    result = dict(environment)
    files = _users_files(environment, program)
    users_texts = [text for file in files if (text := _read(file)) is not None]
    _keep_path(result, "TF_CLI_CONFIG_FILE", _named_file(environment))
    result.pop("TERRAFORM_CONFIG", None)
    cache = environment.get("TF_PLUGIN_CACHE_DIR")
    if cache:
        _keep_path(result, "TF_PLUGIN_CACHE_DIR", Path(cache) if Path(cache).is_dir() else None)
    if any(map(_says_how_to_install, users_texts)):
        return result
    provider = find_provider(program)
    if provider is not None:
        mirror, name = folder / "terraform-mirror", f"{OWN_REGISTRY[program.product]}/{_PROVIDER}"
        _link_packages(provider, program.platform, mirror / name)
        text = "\n".join([*users_texts, _mirror_block(mirror, name)])
        config_file = folder / "terraform.tfrc"
        config_file.write_text(text, encoding="utf-8", errors="surrogateescape")
        result["TF_CLI_CONFIG_FILE"] = str(config_file)
        # Packages from a mirror need no cache, and should not fill the user's.
        result.pop("TF_PLUGIN_CACHE_DIR", None)
    elif "TF_PLUGIN_CACHE_DIR" not in result and not any(map(_PLUGIN_CACHE.search, users_texts)):
        # Without a cache, every new working copy would download the provider again.
        plugin_cache.mkdir(parents=True, exist_ok=True)
        result["TF_PLUGIN_CACHE_DIR"] = str(plugin_cache)
        # A new working copy has no lock file, without which Terraform ignores the cache.
        result["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return result


def _keep_path(environment: dict[str, str], name: str, path: Path | None) -> None:
    """Make a path absolute, because Terraform runs in another folder; drop a missing one."""
    environment.pop(name, None)
    if path is not None:
        environment[name] = str(path.absolute())


def _named_file(environment: Mapping[str, str]) -> Path | None:
    """Return the CLI configuration file that the environment names, if it can be read."""
    name = environment.get("TF_CLI_CONFIG_FILE") or environment.get("TERRAFORM_CONFIG")
    return Path(name) if name and _read(Path(name)) is not None else None


def _users_files(environment: Mapping[str, str], program: Program) -> list[Path]:
    """Return the CLI configuration files that the program would read."""
    named = _named_file(environment)
    if named is not None:
        return [named]
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - never fails
    folder = home / ".terraform.d"
    main: Path | None = home / ".terraformrc"
    if program.product == "OpenTofu":
        main = next(filter(Path.exists, (home / ".tofurc", home / ".terraformrc")), None)
        if xdg := environment.get("XDG_CONFIG_HOME"):
            settings = Path(xdg) / "opentofu"
            main = main or settings / "tofurc"
            folder = folder if folder.exists() else settings
    files = [main] if main else []
    return [*files, *sorted(folder.glob("*.tfrc")), *sorted(folder.glob("*.tfrc.json"))]


def _read(file: Path) -> str | None:
    """Return a file's text in any encoding, or None if it can't be read."""
    try:
        return (
            file.read_text(encoding="utf-8", errors="surrogateescape") if file.is_file() else None
        )
    except OSError:
        return None


def _says_how_to_install(text: str) -> bool:
    # A JSON file can't be extended, so it is used unchanged.
    return bool(_PROVIDER_INSTALLATION.search(text)) or text.lstrip().startswith("{")


def _link_packages(provider: Path, platform: str, target: Path) -> None:
    """Link a provider's packages into a new mirror, in the program's own layout.

    So the original can belong to either registry, and can have links between its root and its
    packages, which Terraform would not follow.
    """
    shutil.rmtree(target, ignore_errors=True)
    for package, _version in _packages(provider, platform):
        link = target / package.relative_to(provider)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(package.absolute())


def _mirror_block(mirror: Path, provider: str) -> str:
    # HCL's strings are like JSON's, except that ${ begins an interpolation.
    path = json.dumps(str(mirror), ensure_ascii=False).replace("${", r"\u0024{")
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = {path}
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""
