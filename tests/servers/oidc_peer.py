"""Two OpenID providers that others wrote: one in Python, one in Node, both on loopback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent / "oidc"
People = dict[str, dict[str, Any]]


@contextmanager
def python_provider(_back: Sequence[str], people: Mapping[str, Any]) -> Iterator[str]:
    """Run oidc-provider-mock; answer its issuer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses parts of Authlib that are to go
        import oidc_provider_mock  # noqa: PLC0415
    users = [oidc_provider_mock.User(sub=sub, claims=said) for sub, said in people.items()]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


@contextmanager
def node_provider(back: Sequence[str], people: Mapping[str, Any]) -> Iterator[str]:
    """Run oidc-provider; answer its issuer."""
    ours = Path(sys.executable).with_name("node")  # newer than the system's, where CI needed it
    node = str(ours) if ours.exists() else shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.fail(f"the Node provider is not installed: run `npm ci` in {HERE}")
    command = [node, "--no-warnings", "provider.js", ",".join(back), json.dumps(people)]
    with subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield next(line.strip() for line in process.stdout if line.startswith("http"))
        process.terminate()
