"""A request that a server answers: declared once, for its route, its document and who may ask it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Role = Literal["viewer", "operator", "desk", "auditor"]
ROLES: Final[dict[Role, str]] = {
    "viewer": "sees the picture, incidents, matters and links",
    "operator": "acknowledges, remarks and reports",
    "desk": "hands in signed acts; a role signs nothing",
    "auditor": "reads the entries of the ledger",
}
ACCOUNT: Final = "vedette.account"  # where the gate leaves in the scope who asks


class Account(Protocol):
    """Who asks, where people are known."""

    @property
    def who(self) -> tuple[str, str]:
        """Person and office."""

    def may(self, role: Role) -> bool:
        """Whether a role is among the account's."""

    def shown(self) -> dict[str, Any]:
        """What a page is told of it."""


class Query(NamedTuple):
    """A parameter after the question mark."""

    name: str
    kind: Any
    meaning: str


class Operation(NamedTuple):
    """One method of one path."""

    method: Literal["GET", "POST"]
    path: str  # as Starlette writes it
    summary: str
    answer: Any  # the type of a good answer; None: it is no JSON
    role: Role = "viewer"
    status: int = 200
    media: str = "application/json"
    body: Any = None
    queries: tuple[Query, ...] = ()
    refusals: tuple[tuple[int, str], ...] = ()
    refused: tuple[int, ...] = ()  # of them, those that answer with ``Refused``


class OperationRoute(Route):
    """A route that is documented, and asks for a role where people are known by their accounts."""

    def __init__(
        self, operation: Operation, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> None:
        async def answered(request: Request) -> Response:
            account: Account | None = request.scope.get(ACCOUNT)
            if account is not None and not account.may(operation.role):
                words = f"this needs the role {operation.role}: {ROLES[operation.role]}"
                return JSONResponse({"error": words}, 403)
            return await endpoint(request)

        super().__init__(operation.path, answered, methods=[operation.method])
        self.operation = operation
