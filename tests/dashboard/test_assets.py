from __future__ import annotations

import gzip
import re

import pytest
from structlog.testing import capture_logs

from voiceline.dashboard import assets, create_app


@pytest.fixture
def paths(alice, world):
    page = alice.get(world.page).text
    return dict(reversed(path.rsplit("/", 1)) for path in re.findall(r'"(/assets/[^"]+)"', page))


def test_every_file_is_served_as_what_it_is(anonymous, paths):
    for name, folder in paths.items():
        answer = anonymous.get(f"{folder}/{name}")

        assert answer.status_code == 200
        assert answer.content_type == assets.TYPES["." + name.rsplit(".", 1)[1]]


def test_packed_file_is_the_same_file(anonymous, paths):
    path = f"{paths['voiceline.css']}/voiceline.css"

    plain = anonymous.get(path)
    packed = anonymous.get(path, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    "path", ["old/voiceline.css", "old/unknown.css", "old/..%2f__init__.py", "old/base.html"]
)
def test_what_is_not_on_the_list_is_missing(anonymous, path):
    assert anonymous.get(f"/assets/{path}").status_code == 404


def test_pages_do_without_missing_libraries(services, monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "VENDOR_FOLDERS", (tmp_path,))

    with capture_logs() as lines:
        client = create_app(services).test_client()
    page = client.get("/sign-in").text

    assert [line["path"] for line in lines] == list(assets.LIBRARIES.values())
    assert all("npm ci" in line["step"] for line in lines)
    assert "pico" not in page
    assert "htmx.js" not in page
    assert "voiceline.css" in page


def test_libraries_of_a_wheel_are_found(services, monkeypatch, tmp_path):
    for path in assets.LIBRARIES.values():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("/* library */")
    monkeypatch.setattr(assets, "VENDOR_FOLDERS", (tmp_path / "nowhere", tmp_path))

    found = assets.load_assets()

    assert set(assets.LIBRARIES) <= set(found)


def test_everything_a_page_loads_is_small(paths, anonymous):
    sizes = [
        len(anonymous.get(f"{folder}/{name}", headers={"Accept-Encoding": "gzip"}).data)
        for name, folder in paths.items()
    ]

    assert sum(sizes) < 150_000
