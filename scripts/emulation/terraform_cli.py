"""Where Terraform gets its AWS provider: the registry as usual, or a mirror on this machine.

The file formats are HashiCorp's, and OpenTofu's too:
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
"""Where administrators put provider mirrors; looked through a few folders deep."""

_PROVIDER = "hashicorp/aws"
_OLDEST, _NEWEST_MAJOR = (5, 100), 6
"""The provider versions that terraform/terraform.tf accepts."""

_PROVIDER_INSTALLATION = re.compile(r"^\s*provider_installation\b", re.MULTILINE)
_PLUGIN_CACHE = re.compile(r"^\s*plugin_cache_dir\b", re.MULTILINE)


def find_provider(program: Program, parents: tuple[Path, ...] = MIRROR_PARENTS) -> Path | None:
    """Find the AWS provider in a folder laid out as Terraform's filesystem mirrors are.

    A mirror of the program's own registry comes first. One of the other program's will do: both
    registries give HashiCorp's own build.

    Args:
        program: the program to find it for.
        parents: the folders to look below.

    Returns:
        The provider's folder in the mirror, or None. Packed and unpacked layouts both count.
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
    """Tell Terraform where to get its provider, by environment variables.

    A CLI configuration of the user's that says how providers are installed is left alone.
    One that doesn't is kept and added to. A file or folder that can't be read counts as not
    there.

    Args:
        environment: the user's environment variables.
        program: the program that is to be told.
        folder: where a configuration may be written.
        plugin_cache: where what the registry gives may be kept for the next time.

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
        # What comes from a mirror needs no cache, and the user's is not filled with it.
        result.pop("TF_PLUGIN_CACHE_DIR", None)
    elif "TF_PLUGIN_CACHE_DIR" not in result and not any(map(_PLUGIN_CACHE.search, users_texts)):
        # Without a cache, every fresh working copy would download the provider again.
        plugin_cache.mkdir(parents=True, exist_ok=True)
        result["TF_PLUGIN_CACHE_DIR"] = str(plugin_cache)
        # A fresh working copy has no lock file, and without one the cache goes unused.
        result["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return result


def _keep_path(environment: dict[str, str], name: str, path: Path | None) -> None:
    """Make a path absolute, because Terraform runs in another folder; drop one that is gone."""
    environment.pop(name, None)
    if path is not None:
        environment[name] = str(path.absolute())


def _named_file(environment: Mapping[str, str]) -> Path | None:
    """Return the CLI configuration file that a variable names, if it can be read."""
    name = environment.get("TF_CLI_CONFIG_FILE") or environment.get("TERRAFORM_CONFIG")
    return Path(name) if name and _read(Path(name)) is not None else None


def _users_files(environment: Mapping[str, str], program: Program) -> list[Path]:
    """Return where the program looks for CLI configuration files."""
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
    """Return a file's text, whatever its encoding, or None if it can't be read."""
    try:
        return (
            file.read_text(encoding="utf-8", errors="surrogateescape") if file.is_file() else None
        )
    except OSError:
        return None


def _says_how_to_install(text: str) -> bool:
    # One in JSON can't be added to, so it has to be taken as it is, whatever it says.
    return bool(_PROVIDER_INSTALLATION.search(text)) or text.lstrip().startswith("{")


def _link_packages(provider: Path, platform: str, target: Path) -> None:
    """Make links to a provider's packages, for a mirror in the program's own layout.

    So it does not matter which registry the original is of, nor that Terraform follows no links
    between a mirror's root and its packages.
    """
    shutil.rmtree(target, ignore_errors=True)
    for package, _version in _packages(provider, platform):
        link = target / package.relative_to(provider)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(package.absolute())


def _mirror_block(mirror: Path, provider: str) -> str:
    # HCL's strings are JSON's, but for the start of an interpolation.
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
