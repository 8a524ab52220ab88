"""``vedette api``: what the servers answer, as a document or as the page's types."""

import click


@click.command("api")
@click.option("--typescript", is_flag=True, help="Print the types of ui/src/lib/api.ts instead.")
def api(*, typescript: bool) -> None:
    """Print the OpenAPI 3.1 document of all that the servers answer (also at /api/openapi.json)."""
    from vedette.app.api.document import document, document_json

    if typescript:
        from vedette.app.api.typescript import typescript_of

        click.echo(typescript_of(document()), nl=False)
    else:
        click.echo(document_json().decode(), nl=False)
