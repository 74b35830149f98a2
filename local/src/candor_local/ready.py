"""The block that tells how to use the running product."""

from candor_local.home import Home
from candor_local.services import address
from candor_local.settings import Settings


def ready_block(settings: Settings, home: Home, password: str) -> str:
    """Return the block; ``password`` is what to say about the admin's."""
    rows = {
        "Reviews": address(settings.ui_port, "/"),
        "Admin": address(settings.ui_port, "/admin"),
        "": f"user {settings.admin_user}, password {password}",
        "API docs": address(settings.api_port, "/api/docs"),
        "Logs": str(home.logs),
        "Stop": "Ctrl-C, or `make stop`",
    }
    return "\n".join(["Candor is ready", *(f"  {name:<9} {text}" for name, text in rows.items())])
