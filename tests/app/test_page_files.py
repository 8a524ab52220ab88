"""Files of the pages and of the base map, packed once and held."""

import gzip
import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vedette.app import page_files

FILES = {
    "index.html": b'<!doctype html><script src="./assets/index-abc.js"></script><link href="/basemap/none.arcs">'
    * 9,
    "council.html": b"<!doctype html>council",
    "assets/index-abc.js": b"export const a = 1\n" * 200,
    "assets/font-abc.woff2": bytes(range(256)),
}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    static = tmp_path / "static"
    for name, data in FILES.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_bytes(data)
    (static / "notes.txt").write_bytes(b"of a kind that no page has")
    (tmp_path / "secret.js").write_bytes(b"beside the pages")
    monkeypatch.setattr(page_files, "STATIC", static)
    return TestClient(Starlette(routes=page_files.page_routes("index.html")))


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_every_file_comes_as_it_is_whatever_the_browser_unpacks(
    served: TestClient, accepted: str
) -> None:
    for name, data in FILES.items():
        for _ in range(2):  # read, and held
            answer = served.get(f"/{name}", headers={"accept-encoding": accepted})
            assert (answer.status_code, answer.content) == (200, data)
        packs = accepted == "gzip" and not name.endswith(".woff2")
        assert answer.headers.get("content-encoding") == ("gzip" if packs else None)
        known = served.get(f"/{name}", headers={"if-none-match": answer.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert served.get("/").content == FILES["index.html"]


def test_the_bare_address_is_the_page_that_is_served(served: TestClient) -> None:
    del served  # its files
    council = TestClient(Starlette(routes=page_files.page_routes("council.html")))
    answer = council.get("/")
    assert (answer.url.path, answer.content) == ("/council.html", FILES["council.html"])


def test_what_is_no_file_of_the_pages_is_not_given(served: TestClient) -> None:
    for path in (
        "/none.js",
        "/assets",
        "/notes.txt",
        "/%2e%2e/secret.js",
        "/assets/..%2f..%2fsecret.js",
    ):
        assert served.get(path).status_code == 404, path
    assert served.post("/index.html").status_code == 405


def test_a_page_that_is_built_anew_is_served_anew(served: TestClient) -> None:
    before = served.get("/council.html")
    path = page_files.STATIC / "council.html"
    path.write_bytes(b"<!doctype html>another")
    os.utime(path, ns=(1, 1))
    after = served.get("/council.html", headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.content) == (200, b"<!doctype html>another")
    # what is named after its contents is kept, what is not is asked for again
    assert after.headers["cache-control"] == "no-cache"
    assert "immutable" in served.get("/assets/index-abc.js").headers["cache-control"]


def test_what_is_packed_is_what_was_given() -> None:
    packed = page_files.pack(b"zones" * 100)
    assert gzip.decompress(packed.packed) == packed.plain
    assert packed.tag != page_files.pack(b"zones" * 101).tag


def test_what_a_page_asks_for_first_is_packed_before_anybody_comes(served: TestClient) -> None:
    page_files.pack_ahead("index.html").join(10)
    script = page_files.STATIC / "assets/index-abc.js"
    assert page_files._held[script][1].plain == FILES["assets/index-abc.js"]
    assert page_files.STATIC / "council.html" not in page_files._held
    page_files.pack_ahead("no-such-page.html").join(10)  # it is said where it is asked for
    assert served.get("/assets/index-abc.js").content == FILES["assets/index-abc.js"]
