"""The client of TorchServe: a text in, the model's score out."""

from http import HTTPStatus
from typing import Annotated

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from requests.adapters import HTTPAdapter

CONNECTIONS = 16


class ModelUnavailableError(Exception):
    """The model server cannot be reached or cannot answer now; ``answered`` says which."""

    def __init__(self, reason: str, *, answered: bool) -> None:
        super().__init__(reason)
        self.answered = answered


class ReviewRefusedError(Exception):
    """The model will never score this text."""


class Prediction(BaseModel):
    """What the model says of a text."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    model_version: str


class Refusal(BaseModel):
    """Why the model server refuses a text."""

    error: str = "refused by the model server"


class ModelServer:
    """TorchServe at ``url``; a call may take ``timeout`` seconds, connections stay open."""

    def __init__(self, url: str, timeout: float) -> None:
        self._address = f"{url.rstrip('/')}/predictions/sentiment"
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))

    def predict(self, review: str, request_id: str = "") -> Prediction:
        """Return the model's score of a text.

        Raises:
            ReviewRefusedError: when the model refuses the text for good.
            ModelUnavailableError: when there is no answer for now.
        """
        answer = self._post(review, request_id)
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            raise ReviewRefusedError(_reason(answer))
        if answer.status_code != HTTPStatus.OK:
            reason = f"the model server answers {answer.status_code}"
            raise ModelUnavailableError(reason, answered=True)
        try:
            return Prediction.model_validate_json(answer.content)
        except ValidationError as error:
            reason = "the model server's answer makes no sense"
            raise ModelUnavailableError(reason, answered=True) from error

    def _post(self, review: str, request_id: str) -> requests.Response:
        try:
            return self._post_again_if_closed(review, request_id)
        except requests.RequestException as error:
            reason = f"the model server cannot be reached ({type(error).__name__})"
            raise ModelUnavailableError(reason, answered=False) from error

    def _post_again_if_closed(self, review: str, request_id: str) -> requests.Response:
        """Post once more when a kept connection closes just as it is used: its server ends."""
        try:
            return self._send(review, request_id)
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            return self._send(review, request_id)

    def _send(self, review: str, request_id: str) -> requests.Response:
        return self._session.post(
            self._address,
            json={"review": review},
            headers={"X-Request-ID": request_id} if request_id else None,
            timeout=self._timeout,
            allow_redirects=False,
        )


def _reason(answer: requests.Response) -> str:
    try:
        return Refusal.model_validate_json(answer.content).error
    except ValidationError:
        return Refusal().error
