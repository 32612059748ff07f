"""The source of the AWS provider: a mirror, the registry, or the user's setting."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from emulation import provider_source
from emulation.provider_source import configure_provider_source, find_provider
from emulation.terraform_program import Program

PLATFORM = "linux_amd64"
AWS = "registry.terraform.io/hashicorp/aws"
TOFUS_AWS = "registry.opentofu.org/hashicorp/aws"
TERRAFORM = Program("/usr/bin/terraform", "Terraform", "1.11.4", PLATFORM)
OPENTOFU = Program("/usr/bin/tofu", "OpenTofu", "1.12.6", PLATFORM)
OTHER_SETTINGS = 'disable_checkpoint = true\ncredentials "example.com" {\n  token = "x"\n}\n'


def put_unpacked(
    mirror: Path, version: str = "6.1.0", platform: str = PLATFORM, provider: str = AWS
) -> None:
    """Put a provider into a mirror the way an administrator unpacks it."""
    folder = mirror / provider / version / platform
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_v{version}_x5").touch()


def put_packed(
    mirror: Path, version: str = "6.1.0", platform: str = PLATFORM, provider: str = AWS
) -> None:
    """Put a provider into a mirror as ``terraform providers mirror`` writes it."""
    folder = mirror / provider
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"terraform-provider-aws_{version}_{platform}.zip").touch()
    (folder / "index.json").touch()
    (folder / f"{version}.json").touch()


type Put = Callable[..., None]
both_layouts = pytest.mark.parametrize("put", [put_unpacked, put_packed])


@both_layouts
@pytest.mark.parametrize("place", ["", "mirror", "terraform/mirror"])
def test_mirror_is_found_up_to_two_folders_deep(put: Put, place: str, tmp_path: Path) -> None:
    put(tmp_path / place)
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / place / AWS


@both_layouts
@pytest.mark.parametrize("version", ["5.100.0", "5.100.7", "5.101.0", "6.0.0", "6.99.12"])
def test_mirror_with_a_supported_version_is_found(put: Put, version: str, tmp_path: Path) -> None:
    put(tmp_path, version)
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / AWS


@both_layouts
@pytest.mark.parametrize(
    "other",
    [
        *({"version": f"{v}.0"} for v in ("5.99", "5.9", "4.200", "7.0", "7.100", "10.0", "60.0")),
        *({"version": v} for v in ("6.0", "6", "6.0.0-beta1", "6.0.0.1", "v6.0.0", "latest")),
        *({"platform": p} for p in ("linux_arm64", "darwin_amd64", "linux_amd64x", "amd64")),
        *({"provider": p} for p in (f"{AWS}cc", "example.com/hashicorp/aws")),
        {"place": "share/terraform/mirror"},
    ],
    ids=str,
)
def test_mirror_is_ignored_when_version_platform_provider_or_depth_differ(
    put: Put, other: dict[str, str], tmp_path: Path
) -> None:
    place = tmp_path / other.get("place", "")
    put(place, **{name: value for name, value in other.items() if name != "place"})
    assert find_provider(TERRAFORM, (tmp_path,)) is None


def test_mirror_with_one_supported_version_is_found(tmp_path: Path) -> None:
    put_unpacked(tmp_path, "5.99.0")
    put_packed(tmp_path, "7.0.0")
    put_unpacked(tmp_path, "6.2.0", "darwin_arm64")
    assert find_provider(TERRAFORM, (tmp_path,)) is None
    put_unpacked(tmp_path, "6.1.0")
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / AWS


@both_layouts
@pytest.mark.parametrize("program", [TERRAFORM, OPENTOFU])
def test_mirror_of_the_programs_registry_comes_first(
    program: Program, put: Put, tmp_path: Path
) -> None:
    put(tmp_path / "both", provider=AWS)
    put(tmp_path / "both", provider=TOFUS_AWS)
    own = {"Terraform": AWS, "OpenTofu": TOFUS_AWS}[program.product]
    assert find_provider(program, (tmp_path,)) == tmp_path / "both" / own


@both_layouts
@pytest.mark.parametrize(("program", "other"), [(TERRAFORM, TOFUS_AWS), (OPENTOFU, AWS)])
def test_mirror_of_the_other_registry_is_used_when_alone(
    program: Program, other: str, put: Put, tmp_path: Path
) -> None:
    put(tmp_path, provider=other)
    assert find_provider(program, (tmp_path,)) == tmp_path / other


@dataclass(frozen=True)
class Machine:
    """A machine with a user who has a home, and perhaps a mirror of the provider."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where files for Terraform may be written."""
        return self.root / "work"

    @property
    def written(self) -> Path:
        """The configuration that is written there."""
        return self.folder / "terraform.tfrc"

    @property
    def cache(self) -> Path:
        """Where a plug-in cache may be made."""
        return self.root / "build" / "plugin-cache"

    @property
    def home(self) -> dict[str, str]:
        """The environment of a user without settings."""
        return {"HOME": str(self.root / "home"), "PATH": "/bin"}

    def with_settings(self, text: str, *, named: bool) -> dict[str, str]:
        """Return the user's environment with these settings, in a file of a name or the usual."""
        path = self.root / "home" / ("named.tfrc" if named else ".terraformrc")
        path.write_text(text, encoding="utf-8")
        return self.home | ({"TF_CLI_CONFIG_FILE": str(path)} if named else {})

    def configure(
        self, environment: dict[str, str], program: Program = TERRAFORM
    ) -> dict[str, str]:
        """Return the environment for Terraform."""
        before = dict(environment)
        result = configure_provider_source(
            environment, program, folder=self.folder, plugin_cache=self.cache
        )
        assert environment == before
        return result

    @property
    def cached(self) -> dict[str, str]:
        """What makes Terraform use the cache."""
        return {
            "TF_PLUGIN_CACHE_DIR": str(self.cache),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }


def machine(root: Path, monkeypatch: pytest.MonkeyPatch, *, has_mirror: bool) -> Machine:
    for name in ("home", "work"):
        (root / name).mkdir()
    if has_mirror:
        put_unpacked(root / "opt" / "mirror")
    find = partial(find_provider, parents=(root / "opt",))
    monkeypatch.setattr(provider_source, "find_provider", find)
    return Machine(root)


@pytest.fixture
def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return machine(tmp_path, monkeypatch, has_mirror=True)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return machine(tmp_path, monkeypatch, has_mirror=False)


either_file = pytest.mark.parametrize("named", [True, False])


def mirror_block(at: Machine, provider: str = AWS) -> str:
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = "{at.folder}/terraform-mirror"
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""


@either_file
@pytest.mark.parametrize("has_mirror", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "provider_installation {\n  direct {}\n}\n",
        f"{OTHER_SETTINGS}\n  provider_installation{{\n  direct {{}}\n}}\n",
    ],
)
def test_users_provider_installation_is_unchanged(
    text: str, *, has_mirror: bool, named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = machine(tmp_path, monkeypatch, has_mirror=has_mirror)
    environment = at.with_settings(text, named=named)
    assert at.configure(environment) == environment
    assert not at.written.exists()
    assert not at.cache.exists()


@either_file
@pytest.mark.parametrize(
    "text",
    [
        OTHER_SETTINGS,
        OTHER_SETTINGS.rstrip("\n"),
        "# provider_installation {}\n",
        "provider_installations = 1\n",
        "# Zoë's\n",
    ],
)
def test_mirror_is_added_to_the_users_settings(
    text: str, *, named: bool, mirrored: Machine
) -> None:
    environment = mirrored.with_settings(text, named=named)
    users_files = {path: path.read_bytes() for path in (mirrored.root / "home").iterdir()}
    assert mirrored.configure(environment) == environment | {
        "TF_CLI_CONFIG_FILE": str(mirrored.written)
    }
    assert mirrored.written.read_text(encoding="utf-8") == f"{text}\n{mirror_block(mirrored)}"
    assert {path: path.read_bytes() for path in users_files} == users_files
    assert not mirrored.cache.exists()


def test_mirror_is_the_only_setting_when_the_user_has_none(mirrored: Machine) -> None:
    assert mirrored.configure(mirrored.home) == mirrored.home | {
        "TF_CLI_CONFIG_FILE": str(mirrored.written)
    }
    assert mirrored.written.read_text(encoding="utf-8").strip() == mirror_block(mirrored).strip()
    assert not mirrored.cache.exists()


def test_named_settings_file_replaces_the_usual_one(mirrored: Machine) -> None:
    mirrored.with_settings("provider_installation {\n  direct {}\n}\n", named=False)
    mirrored.configure(mirrored.with_settings(OTHER_SETTINGS, named=True))
    assert mirrored.written.read_text(encoding="utf-8").startswith(OTHER_SETTINGS)


no_file = pytest.mark.parametrize("name", ["missing.tfrc", "home"])


@no_file
def test_missing_named_file_is_replaced_by_the_mirrors(name: str, mirrored: Machine) -> None:
    missing = mirrored.home | {"TF_CLI_CONFIG_FILE": str(mirrored.root / name)}
    assert mirrored.configure(missing)["TF_CLI_CONFIG_FILE"] == str(mirrored.written)


@no_file
def test_missing_named_file_is_dropped(name: str, bare: Machine) -> None:
    missing = bare.home | {"TF_CLI_CONFIG_FILE": str(bare.root / name)}
    assert bare.configure(missing) == bare.home | bare.cached


@either_file
@pytest.mark.parametrize("text", [OTHER_SETTINGS, "# plugin_cache_dir = 'x'\n"])
def test_plugin_cache_is_used_when_there_is_no_mirror(
    text: str, *, named: bool, bare: Machine
) -> None:
    environment = bare.with_settings(text, named=named)
    assert bare.configure(environment) == environment | bare.cached
    assert bare.cache.is_dir()
    assert not bare.written.exists()


@either_file
def test_plugin_cache_of_the_users_settings_is_kept(*, named: bool, bare: Machine) -> None:
    text = f'{OTHER_SETTINGS}  plugin_cache_dir = "/var/cache/terraform"\n'
    environment = bare.with_settings(text, named=named)
    assert bare.configure(environment) == environment
    assert not bare.cache.exists()


@pytest.mark.parametrize("folder", ["home", ""])
def test_plugin_cache_of_the_environment_is_kept(folder: str, bare: Machine) -> None:
    environment = bare.home | {"TF_PLUGIN_CACHE_DIR": folder and str(bare.root / folder)}
    assert bare.configure(environment) == environment
    assert not bare.cache.exists()


INSTALLATION = "provider_installation {\n  direct {}\n}\n"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (".terraform.d/site.tfrc", INSTALLATION),
        (".terraformrc", '{"provider_installation": [{"direct": [{}]}]}'),
    ],
)
def test_settings_in_other_places_and_formats_are_unchanged(
    where: str, text: str, mirrored: Machine
) -> None:
    file = mirrored.root / "home" / where
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")

    assert mirrored.configure(mirrored.home) == mirrored.home
    assert not mirrored.written.exists()


def test_mirror_is_added_to_all_settings_files(mirrored: Machine) -> None:
    folder = mirrored.root / "home" / ".terraform.d"
    folder.mkdir()
    (folder / "site.tfrc").write_text("disable_checkpoint = true\n", encoding="utf-8")
    mirrored.configure(mirrored.with_settings(OTHER_SETTINGS, named=False))

    written = mirrored.written.read_text(encoding="utf-8")
    assert OTHER_SETTINGS in written
    assert "disable_checkpoint = true\n" in written
    assert mirror_block(mirrored) in written


@both_layouts
@pytest.mark.parametrize("program", [TERRAFORM, OPENTOFU])
@pytest.mark.parametrize("original", [AWS, TOFUS_AWS])
def test_written_mirror_has_the_programs_layout(
    put: Put, program: Program, original: str, bare: Machine
) -> None:
    put(bare.root / "opt" / "mirror", provider=original)
    put(bare.root / "opt" / "mirror", "6.2.0", provider=original)
    own = {"Terraform": AWS, "OpenTofu": TOFUS_AWS}[program.product]

    for _ in ("first", "second"):
        bare.configure(bare.home, program)

    mirror = bare.folder / "terraform-mirror"
    assert mirror_block(bare, own) in bare.written.read_text(encoding="utf-8")
    assert [each.name for each in mirror.iterdir()] == [own.partition("/")[0]]
    links = [path for path in (mirror / own).rglob("*") if path.is_symlink()]
    # Terraform follows links to packages, and none to the folders above them.
    assert sorted(link.relative_to(mirror / own) for link in links) == (
        [Path("6.1.0", PLATFORM), Path("6.2.0", PLATFORM)]
        if put is put_unpacked
        else [Path(f"terraform-provider-aws_{v}_{PLATFORM}.zip") for v in ("6.1.0", "6.2.0")]
    )
    assert all(link.exists() for link in links)


@pytest.mark.parametrize("name", ["Zoë's stacks", 'a "b"', "a\\b", "a${b", "${path}", "%{if}"])
def test_path_of_the_checkout_is_quoted_for_hcl(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    at = machine(tmp_path / name, monkeypatch, has_mirror=True)
    at.configure(at.home)

    [path] = re.findall(r"path    = (.*)\n", at.written.read_text(encoding="utf-8"))
    assert json.loads(path) == str(at.folder / "terraform-mirror")
    assert "${" not in path


def test_opentofu_settings_are_kept(mirrored: Machine) -> None:
    mirrored.with_settings("disable_checkpoint = true\n", named=False)
    (mirrored.root / "home" / ".tofurc").write_text(OTHER_SETTINGS, encoding="utf-8")

    mirrored.configure(mirrored.home, OPENTOFU)
    assert mirrored.written.read_text(encoding="utf-8").startswith(f"{OTHER_SETTINGS}\n")
    mirrored.configure(mirrored.home, TERRAFORM)
    assert mirrored.written.read_text(encoding="utf-8").startswith("disable_checkpoint = true\n\n")


def test_opentofu_settings_are_found_in_xdg_config_home(mirrored: Machine) -> None:
    folder = mirrored.root / "config" / "opentofu"
    folder.mkdir(parents=True)
    (folder / "tofurc").write_text(INSTALLATION, encoding="utf-8")
    environment = mirrored.home | {"XDG_CONFIG_HOME": str(folder.parent)}

    assert mirrored.configure(environment, OPENTOFU) == environment
    assert mirrored.configure(environment, TERRAFORM)["TF_CLI_CONFIG_FILE"]


def test_settings_in_another_encoding_are_copied_unchanged(mirrored: Machine) -> None:
    text = "# Zo\xeb's\n".encode("latin-1")
    (mirrored.root / "home" / ".terraformrc").write_bytes(text)
    mirrored.configure(mirrored.home)
    assert mirrored.written.read_bytes().startswith(text)


def test_settings_file_in_terraform_config_is_kept(mirrored: Machine) -> None:
    named = mirrored.with_settings(OTHER_SETTINGS, named=True)
    former = mirrored.home | {"TERRAFORM_CONFIG": named["TF_CLI_CONFIG_FILE"]}
    assert mirrored.configure(former) == mirrored.configure(named)
    assert mirrored.written.read_text(encoding="utf-8").startswith(OTHER_SETTINGS)


def test_relative_paths_become_absolute(bare: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.with_settings(INSTALLATION, named=True)
    monkeypatch.chdir(bare.root)
    relative = {"TF_CLI_CONFIG_FILE": "home/named.tfrc", "TF_PLUGIN_CACHE_DIR": "home"}

    assert bare.configure(bare.home | relative) == bare.home | {
        name: str(bare.root / path) for name, path in relative.items()
    }


def test_missing_plugin_cache_is_replaced(bare: Machine) -> None:
    gone = bare.home | {"TF_PLUGIN_CACHE_DIR": str(bare.root / "gone")}
    assert bare.configure(gone) == bare.home | bare.cached


def test_users_plugin_cache_is_not_used_with_a_mirror(mirrored: Machine) -> None:
    environment = mirrored.home | {"TF_PLUGIN_CACHE_DIR": str(mirrored.root / "home")}
    assert "TF_PLUGIN_CACHE_DIR" not in mirrored.configure(environment)


@pytest.mark.parametrize("home", [{}, {"HOME": ""}])
def test_current_folder_is_not_searched_when_there_is_no_home(
    home: dict[str, str], mirrored: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mirrored.root / ".terraformrc").write_text(INSTALLATION, encoding="utf-8")
    monkeypatch.chdir(mirrored.root)
    monkeypatch.setenv("HOME", str(mirrored.root / "home"))
    assert mirrored.configure(home)["TF_CLI_CONFIG_FILE"] == str(mirrored.written)
