"""The OpenAPI 3.1 document, made of the routes, their descriptions and their schemas."""

import functools
import re
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from review_api.access import COOKIE
from review_api.bodies import URLENCODED
from review_api.operations import Operation, operation_of
from review_api.schemas import ProblemDetails

Json = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
IMPLIED_METHODS = {"HEAD", "OPTIONS"}


class Schemas:
    """The schemas that a document refers to, collected while it is written."""

    def __init__(self) -> None:
        self.named: Json = {}

    def of(self, kind: Any, mode: JsonSchemaMode) -> Json:  # noqa: ANN401 (any type pydantic knows)
        """Return the JSON schema of a type; models in it become references."""
        schema = TypeAdapter(kind).json_schema(ref_template=REFERENCE, mode=mode)
        self.named |= schema.pop("$defs", {})
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            self.named[kind.__name__] = schema
            return {"$ref": REFERENCE.format(model=kind.__name__)}
        return schema


@functools.cache
def document(app: Flask) -> Json:
    """Return the OpenAPI document of an application's described routes."""
    schemas = Schemas()
    paths: Json = {}
    for rule in app.url_map.iter_rules():
        operation = operation_of(app, rule.endpoint)
        if operation is None:
            continue
        for method in sorted((rule.methods or set()) - IMPLIED_METHODS):
            paths.setdefault(path_of(rule), {})[method.lower()] = _operation(
                rule, operation, schemas
            )
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": GenerateJsonSchema.schema_dialect,
        "info": {"title": "Candor review API", "version": version("review-api")},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas.named, "securitySchemes": _security_schemes()},
    }


def path_of(rule: Rule) -> str:
    """Return a route's path as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, operation: Operation, schemas: Schemas) -> Json:
    body = _body(operation, schemas)
    return {
        "operationId": rule.endpoint.rpartition(".")[2],
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": operation.summary,
        "parameters": _parameters(rule, operation),
        **({"requestBody": body} if body else {}),
        "responses": _responses(operation, schemas),
        "security": _security(operation.scope),
    }


def _body(operation: Operation, schemas: Schemas) -> Json | None:
    kinds = {"application/json": operation.json, URLENCODED: operation.form}
    content = {
        media_type: {"schema": schemas.of(kind, "validation")}
        for media_type, kind in kinds.items()
        if kind
    }
    return {"required": operation.body_required, "content": content} if content else None


def _parameters(rule: Rule, operation: Operation) -> list[Json]:
    return [
        *_path_parameters(rule),
        *(_query_parameters(operation.query) if operation.query else []),
        *(
            {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
            for name, text in operation.request_headers
        ),
    ]


def _path_parameters(rule: Rule) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(converter)}
        for name, converter in rule._converters.items()  # noqa: SLF001 (werkzeug has no public way)
    ]


def _path_schema(converter: BaseConverter) -> Json:
    if isinstance(converter, IntegerConverter):
        return {"type": "integer", "minimum": 0, "maximum": converter.max}
    if isinstance(converter, AnyConverter):
        return {"type": "string", "enum": sorted(converter.items)}
    return {"type": "string"}


def _query_parameters(query: type[BaseModel]) -> list[Json]:
    properties = query.model_json_schema(ref_template=REFERENCE)["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "allowEmptyValue": True,
            "description": schema.pop("description", ""),
            "schema": _without_null(schema),
        }
        for name, schema in properties.items()
    ]


def _without_null(schema: Json) -> Json:
    """Return the schema of a value that is given; nobody can write null in a query string."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema


def _responses(operation: Operation, schemas: Schemas) -> Json:
    problem = {"application/problem+json": {"schema": schemas.of(ProblemDetails, "serialization")}}
    statuses = (operation.status, *operation.also)
    return {str(status): _success(status, operation, schemas) for status in statuses} | {
        str(status): {"description": HTTPStatus(status).phrase, "content": problem}
        for status in operation.problems
    }


def _success(status: int, operation: Operation, schemas: Schemas) -> Json:
    success: Json = {"description": HTTPStatus(status).phrase}
    if operation.answer is not None:
        success["content"] = _content(operation, schemas)
    if operation.headers:
        success["headers"] = {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in operation.headers
        }
    return success


def _content(operation: Operation, schemas: Schemas) -> Json:
    """Return the answer's content: only JSON has the answer's schema, the rest is text."""
    answer = schemas.of(operation.answer, "serialization")
    return {
        media_type: {"schema": answer if media_type == "application/json" else {"type": "string"}}
        for media_type in operation.media_types
    }


def _security_schemes() -> Json:
    return {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }


def _security(scope: str | None) -> list[Json]:
    return [{"token": [scope]}, {"session": []}] if scope else []
