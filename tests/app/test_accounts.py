"""Who comes by the gate: by token or session, with which roles, and everything that is refused."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from served import BASE, HOSTS, MINE, watched
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from vedette.app.accounts import gate as gate_module
from vedette.app.accounts import session as session_module
from vedette.app.accounts.access import LOCAL, Access, check_access
from vedette.app.accounts.account import account_of, read_accounts
from vedette.app.accounts.gate import COOKIE, Gate
from vedette.app.accounts.session import Sessions, Tries
from vedette.app.api.operations import OPERATIONS
from vedette.app.commands.account import group
from vedette.app.door import WebServer
from vedette.model.errors import RecordError, SettingError

PEOPLE = {"vic": "viewer", "ola": "operator", "dee": "desk", "aud": "auditor"}
FORM = {"origin": BASE, "content-type": "application/x-www-form-urlencoded"}


def run(*words: str) -> Any:
    return CliRunner().invoke(group, list(words))


def made(path: Path, people: dict[str, str] = PEOPLE) -> dict[str, str]:
    """A file of accounts, and the token of each."""
    tokens = {}
    for name, role in people.items():
        done = run(
            "new", name, "--person", f"Person {name}", "--office", "watch", "--role", role,
            "--accounts", str(path),
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        tokens[name] = done.stdout.strip()
    return tokens


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("accounts")
    app, run = asyncio.run(watched(folder / "record", hear=lambda line: True))
    tokens = made(folder / "accounts.json")
    return app, run, folder / "accounts.json", tokens


def client_of(app: Any, path: Path | None, **how: Any) -> TestClient:
    return TestClient(Gate(app, HOSTS, path, **how), base_url=BASE, follow_redirects=False)


@pytest.fixture
def client(watch: Any) -> TestClient:
    return client_of(watch[0], watch[2])


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def sign_in(client: TestClient, token: str) -> Any:
    return client.post("/sign-in", content=f"token={token}", headers=FORM)


def session_of(client: TestClient) -> dict[str, str]:
    """The test client asks for sockets by a host of its own, and takes no cookie there."""
    return {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}


def ended(socket: Any) -> int:
    """The code with which a socket is ended, whatever comes before."""
    while (message := socket.receive())["type"] != "websocket.close":
        pass
    return int(message["code"])


# ------------------------------------------------------------------ binding


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "watch.example"])
def test_an_address_that_others_reach_is_refused_without_accounts(host: str) -> None:
    with pytest.raises(SettingError, match="--accounts FILE"):
        check_access(host, LOCAL)
    with pytest.raises(SettingError, match="choose one"):
        check_access(host, Access(Path("a"), open=True))
    named = Access(open=True, names=("watch.example",))
    check_access(host, named)
    if host in ("0.0.0.0", "::"):
        with pytest.raises(SettingError, match="--name"):
            check_access(host, Access(open=True))
    with pytest.raises(SettingError):
        WebServer(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_machine_alone_needs_none(host: str) -> None:
    check_access(host, LOCAL)


def test_every_command_that_serves_a_page_refuses_an_address_that_others_reach(
    tmp_path: Path,
) -> None:
    from vedette.app.cli import cli

    (tmp_path / "record.json").write_text("{}")
    for words in (
        ["watch", "sbs+tcp://127.0.0.1:1"], ["demo"], ["ledger", "page", str(tmp_path)],
        ["council", "page", str(tmp_path)], ["node", "page", str(tmp_path)],
        ["sim", "exercise", "gulf_of_finland", "--record", str(tmp_path / "new")],
    ):  # fmt: skip
        done = CliRunner().invoke(cli, [*words, "--web", "0.0.0.0:0"])
        assert isinstance(done.exception, SettingError), (words, done.output, done.exception)
        assert "--accounts FILE" in str(done.exception)


# ------------------------------------------------------------------ accounts


def test_a_token_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    token = made(path, {"ann": "operator"})["ann"]
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_text()
    assert token not in kept
    assert token.rpartition(".")[2] not in kept
    listed = run("list", "--accounts", str(path), "--json").stdout
    assert json.loads(listed) == [
        {"account_id": "ann", "person": "Person ann", "office": "watch", "roles": ["operator"]}
    ]
    again = run("new", "ann", "--person", "x", "--office", "y", "--accounts", str(path))
    assert isinstance(again.exception, SettingError)
    assert isinstance(run("revoke", "bob", "--accounts", str(path)).exception, SettingError)
    for bad in (["Ann", "--role", "viewer"], ["bob", "--role", "commander"]):
        names = ["--person", "x", "--office", "y", "--accounts", str(path)]
        refused = run("new", *bad, *names)
        assert isinstance(refused.exception, SettingError)
    path.write_text("{}]")
    assert isinstance(run("list", "--accounts", str(path)).exception, RecordError)


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=60))
def test_no_other_text_is_a_token(text: str) -> None:
    accounts = read_accounts(ACCOUNTS[0])
    token = ACCOUNTS[1]
    assert account_of(accounts, text) is None
    assert account_of(accounts, token + text) is None or not text
    assert account_of(accounts, token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert account_of(accounts, token) is not None


ACCOUNTS: list[Any] = []


@pytest.fixture(autouse=True, scope="module")
def _one_account(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("one") / "accounts.json"
    ACCOUNTS[:] = [path, made(path, {"ann": "viewer"})["ann"]]


# ------------------------------------------------------------------ who may do what

# what each asks for is far from right but for the role: what is not 401 or 403 came by
ASKED = {one: one.path.replace("{number:int}", "0").replace("{incident_id}", "x").replace("{track_id}", "x")
         for one in OPERATIONS if "council" not in one.path and "node" not in one.path}  # fmt: skip


@pytest.mark.parametrize("operation", list(ASKED), ids=lambda one: f"{one.method} {one.path}")
def test_each_operation_wants_its_role_and_nothing_comes_by_without_one(
    watch: Any, client: TestClient, operation: Any
) -> None:
    _, _, _, tokens = watch
    said: dict[str, Any] = {} if operation.method == "GET" else {"json": {}}
    path = ASKED[operation]
    assert client.request(operation.method, path, headers=MINE, **said).status_code == 401
    for name, role in PEOPLE.items():
        headers = MINE | bearer(tokens[name])
        status = client.request(operation.method, path, headers=headers, **said).status_code
        assert status != 401
        assert (status == 403) == (operation.role not in ("viewer", role)), (name, status)


def test_who_acknowledged_is_who_is_signed_in_and_nobody_else(watch: Any, client: TestClient) -> None:  # fmt: skip
    _, _, _, tokens = watch
    headers = MINE | bearer(tokens["ola"])
    incident = client.get("/api/incidents", headers=headers).json()[0]["incident_id"]
    act = {"kind": "acknowledge", "incident_id": incident, "words": "seen"}
    other = client.post("/api/acts", json=act | {"person": "Somebody"}, headers=headers)
    assert other.status_code == 403
    assert "Person ola" in other.json()["error"]
    # the run is over, so that nothing is recorded any more: it came by as the account's person
    mine = client.post("/api/acts", json=act | {"person": "Person ola"}, headers=headers)
    assert mine.status_code == 503
    assert client.post("/api/acts", json=act, headers=headers).status_code == 503
    assert client.post("/api/acts", json=act, headers=bearer(tokens["ola"])).status_code == 403
    hello = client.get("/api/hello", headers=headers).json()
    assert hello["account"] == {
        "account_id": "ola", "person": "Person ola", "office": "watch", "roles": ["operator"]
    }  # fmt: skip


def test_the_record_has_the_person_of_the_account(
    watch: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    tokens = made(tmp_path / "accounts.json", {"ola": "operator"})

    app, run = watch[0], watch[1]

    async def scene() -> list[Any]:
        heard: list[Any] = []

        async def act(one: Any) -> None:
            heard.append(one)

        monkeypatch.setattr(run, "act", act)
        client = client_of(app, tmp_path / "accounts.json")
        headers = MINE | bearer(tokens["ola"])
        incident = client.get("/api/incidents", headers=headers).json()[0]["incident_id"]
        said = {"kind": "remark", "incident_id": incident, "words": "low and loud"}
        assert client.post("/api/acts", json=said, headers=headers).status_code == 201
        return heard

    (one,) = asyncio.run(scene())
    assert (one.person, one.office, one.words) == ("Person ola", "watch", "low and loud")


def test_no_role_stands_for_a_signature(watch: Any, client: TestClient, tmp_path: Path) -> None:
    made(tmp_path / "all.json", {})
    run("new", "all", "--person", "All", "--office", "o", *[w for r in PEOPLE.values() for w in ("--role", r)],
        "--accounts", str(tmp_path / "all.json"))  # fmt: skip
    run("revoke", "all", "--accounts", str(tmp_path / "all.json"))
    token = run("new", "all", "--person", "All", "--office", "o",
                *[w for r in PEOPLE.values() for w in ("--role", r)],
                "--accounts", str(tmp_path / "all.json")).stdout.strip()  # fmt: skip
    everything = client_of(watch[0], tmp_path / "all.json")
    unsigned = {"act": "e30=", "public_key": "A" * 43 + "=", "signature": "A" * 86 + "=="}
    answer = everything.post("/api/desk/acts", json=unsigned, headers=MINE | bearer(token))
    assert answer.status_code == 400
    from desk_act import signed_by_nobody

    answer = everything.post(
        "/api/desk/acts", json=signed_by_nobody(), headers=MINE | bearer(token)
    )
    assert answer.status_code == 403
    assert "refused" in answer.json()  # by the desk, which knows no such key


# ------------------------------------------------------------------ sessions


def test_a_browser_signs_in_with_a_form_and_out_again(watch: Any, client: TestClient) -> None:
    page = {"accept": "text/html"}
    away = client.get("/", headers=page)
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in")
    form = client.get("/sign-in")
    assert "<script" not in form.text
    assert "form-action 'self'" in form.headers["content-security-policy"]
    done = sign_in(client, watch[3]["vic"])
    assert (done.status_code, done.headers["location"]) == (303, "/")
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # this one speaks http
    assert watch[3]["vic"] not in cookie
    assert client.get("/api/incidents").status_code == 200
    assert client.post("/sign-out").status_code == 403  # no page of ours
    assert client.post("/sign-out", headers={"origin": "https://evil.example"}).status_code == 421
    assert client.post("/sign-out", headers={"origin": BASE}).status_code == 303
    assert client.get("/api/incidents").status_code == 401


def test_signing_in_leads_to_the_page_that_was_asked_for_and_nowhere_else(watch: Any) -> None:
    client = client_of(watch[0], watch[2])
    away = client.get("/council.html", headers={"accept": "text/html"})
    assert away.headers["location"] == "/sign-in?to=/council.html"
    body = f"token={watch[3]['vic']}"
    for to, led in (
        ("/council.html", "/council.html"), ("//evil.example", "/"), ("https://evil.example/a.html", "/"),
        ("/\\evil.html", "/"), ("/api/feeds", "/"), ("/a.html\r\nx: y", "/"),
    ):  # fmt: skip
        done = client.post("/sign-in", params={"to": to}, content=body, headers=FORM)
        assert (done.status_code, done.headers["location"]) == (303, led), to


def test_over_https_the_cookie_is_for_https_alone(watch: Any) -> None:
    client = client_of(watch[0], watch[2], secure=True)
    assert "secure" in sign_in(client, watch[3]["vic"]).headers["set-cookie"].lower()


def test_a_form_of_another_page_signs_nobody_in(watch: Any, client: TestClient) -> None:
    body = f"token={watch[3]['vic']}"
    for headers, status in (
        ({}, 403), ({"origin": "null"}, 421), ({"origin": "https://evil.example"}, 421),
        (FORM | {"host": "evil.example"}, 421),
    ):  # fmt: skip
        answer = client.post("/sign-in", content=body, headers=headers)
        assert answer.status_code == status
        assert "set-cookie" not in answer.headers
    for wrong in ("", "token=", "token=x" * 10, "nonsense", "token=%ff%fe"):
        answer = client_of(watch[0], watch[2]).post("/sign-in", content=wrong, headers=FORM)
        assert answer.status_code == 401, wrong
    assert client.post("/sign-in", content="x" * 3_000, headers=FORM).status_code == 413
    assert client.put("/sign-in", headers=FORM).status_code == 405


def test_a_session_needs_the_header_of_the_page_to_act(watch: Any, client: TestClient) -> None:
    sign_in(client, watch[3]["ola"])
    assert client.post("/api/acts", json={}).status_code == 403
    evil = {"origin": "https://evil.example"}
    assert client.post("/api/acts", json={}, headers=MINE | evil).status_code == 421
    assert client.get("/api/incidents", headers=evil).status_code == 421


@pytest.mark.parametrize(
    "cookie", ["x", "vedette-session=", "vedette-session=x; a=b", "vedette-session=\xff", ";;;=", "a" * 5000]
)  # fmt: skip
def test_no_other_cookie_is_a_session(client: TestClient, cookie: str) -> None:
    answer = client.get("/api/incidents", headers={"cookie": cookie.encode("latin-1")})
    assert answer.status_code == 401


def test_sessions_end_with_their_time_and_are_never_too_many(watch: Any) -> None:
    account = read_accounts(watch[2]).accounts[0]
    sessions = Sessions()
    secrets = [sessions.begin(account, float(k)) for k in range(session_module.SESSIONS_MAX + 50)]
    assert len(sessions) == session_module.SESSIONS_MAX
    assert sessions.account(secrets[0], 60.0) is None  # the oldest made room
    assert sessions.account(secrets[-1], 60.0) == account
    assert sessions.account(secrets[-1], 1e6) is None
    assert len(sessions) == session_module.SESSIONS_MAX - 1
    assert Sessions().account(secrets[-2], 60.0) is None  # another process knows none


# ------------------------------------------------------------------ tries


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=60))
def test_an_address_fails_five_times_a_minute_and_no_more(tries: list[tuple[int, float]]) -> None:
    kept, now_s = Tries(), 0.0
    failed: dict[int, list[float]] = {}
    for address, later_s in tries:
        now_s += later_s
        wait_s = kept.wait_s(str(address), now_s)
        recent = [at_s for at_s in failed.get(address, []) if now_s - at_s < session_module.TRY_S]
        assert (wait_s > 0.0) == (len(recent) >= session_module.TRIES)
        assert wait_s <= session_module.TRY_S
        if wait_s == 0.0:
            kept.failed(str(address), now_s)
            failed.setdefault(address, []).append(now_s)


def test_however_many_addresses_fail_few_are_remembered() -> None:
    kept = Tries()
    for k in range(session_module.ADDRESSES_MAX + 500):
        kept.failed(str(k), float(k) / 1e6)
    assert len(kept) == session_module.ADDRESSES_MAX


def test_after_five_wrong_tokens_a_right_one_waits_and_who_is_in_stays_in(
    watch: Any, client: TestClient
) -> None:
    sign_in(client, watch[3]["vic"])
    stranger = client_of(watch[0], watch[2])
    stranger.app = client.app  # the same gate, no cookie
    for _ in range(session_module.TRIES):
        assert stranger.get("/api/feeds", headers=bearer("vedette.vic.no")).status_code == 401
    late = stranger.get("/api/feeds", headers=bearer(watch[3]["ola"]))
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert sign_in(stranger, watch[3]["ola"]).status_code == 429
    assert client.get("/api/feeds").status_code == 200


def test_a_token_is_worked_out_once(watch: Any, client: TestClient, monkeypatch: Any) -> None:
    counted: list[str] = []

    def count(accounts: Any, token: str) -> Any:
        counted.append(token)
        return account_of(accounts, token)

    monkeypatch.setattr(gate_module, "account_of", count)
    for _ in range(5):
        assert client.get("/api/feeds", headers=bearer(watch[3]["vic"])).status_code == 200
    assert len(counted) == 1


# ------------------------------------------------------------------ revoking


def test_a_revoked_account_is_out_at_once_with_its_sessions_and_open_pages(
    watch: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(gate_module, "_LOOK_S", 0.05)
    path = tmp_path / "accounts.json"
    tokens = made(path, {"ann": "viewer", "bob": "viewer"})
    client = client_of(watch[0], path)
    host = {"host": "127.0.0.1:8137"}
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/ws", headers=host),
    ):
        pass
    assert refused.value.code == 4401
    sign_in(client, tokens["ann"])
    with (
        client.websocket_connect("/ws", headers=host | session_of(client)) as by_session,
        client.websocket_connect("/ws", headers=host | bearer(tokens["bob"])) as other,
    ):
        assert by_session.receive_json()["account"]["person"] == "Person ann"
        assert other.receive_json()["account"]["person"] == "Person bob"
        assert run("revoke", "ann", "--accounts", str(path)).exit_code == 0
        assert ended(by_session) == 4401
        assert client.get("/api/feeds").status_code == 401
        assert client.get("/api/feeds", headers=bearer(tokens["ann"])).status_code == 401
        assert client.get("/api/feeds", headers=bearer(tokens["bob"])).status_code == 200
    # a new account of the same name is another: the old token and session are of no use
    made(path, {"ann": "viewer"})
    assert client.get("/api/feeds").status_code == 401
    assert client.get("/api/feeds", headers=bearer(tokens["ann"])).status_code == 401


def test_signing_out_ends_the_open_page(watch: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gate_module, "_LOOK_S", 0.05)
    client = client_of(watch[0], watch[2])
    sign_in(client, watch[3]["vic"])
    headers = {"host": "127.0.0.1:8137"} | session_of(client)
    with client.websocket_connect("/ws", headers=headers) as socket:
        socket.receive_json()
        client.post("/sign-out", headers={"origin": BASE})
        assert ended(socket) == 4401


def test_a_file_that_breaks_lets_nobody_by(watch: Any, tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    token = made(path, {"ann": "viewer"})["ann"]
    client = client_of(watch[0], path)
    assert client.get("/api/feeds", headers=bearer(token)).status_code == 200
    whole = path.read_bytes()
    path.write_bytes(b"{")
    assert client.get("/api/feeds", headers=bearer(token)).status_code == 401
    path.unlink()
    assert client.get("/api/feeds", headers=bearer(token)).status_code == 401
    path.write_bytes(whole)
    assert client.get("/api/feeds", headers=bearer(token)).status_code == 200
    with pytest.raises(RecordError):
        Gate(watch[0], HOSTS, tmp_path / "none")


# ------------------------------------------------------------------ open


def test_an_open_page_is_for_looking_and_nothing_else(watch: Any) -> None:
    client = client_of(watch[0], None, open_to_all=True)
    assert client.get("/api/incidents").status_code == 200
    assert client.get("/api/hello").json()["account"]["roles"] == []
    for operation, path in ASKED.items():
        said: dict[str, Any] = {} if operation.method == "GET" else {"json": {}}
        status = client.request(operation.method, path, headers=MINE, **said).status_code
        assert (status == 403) == (operation.role != "viewer"), path
    with client.websocket_connect("/ws", headers={"host": "127.0.0.1:8137"}) as socket:
        assert socket.receive_json()["type"] == "hello"
