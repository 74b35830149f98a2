"""Chooses the implementation of jobs that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review_api.jobs.cluster import KubernetesJobs
from review_api.jobs.commands_file import read_commands
from review_api.jobs.following import Followers
from review_api.jobs.interface import Jobs, NoJobs
from review_api.jobs.processes import ProcessJobs
from review_api.jobs.runner import Limits, Runner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from review_api.settings import Settings


def init_app(app: Flask) -> None:
    """Give an application its jobs, and the places for those who follow their logs."""
    settings: Settings = app.extensions["settings"]
    app.extensions["jobs"] = chosen(settings)
    app.extensions["followers"] = Followers(settings.api_threads, settings.jobs_follow_seconds)


def chosen(settings: Settings) -> Jobs:
    """Return the implementation."""
    if settings.jobs == "kubernetes":
        return KubernetesJobs(settings.jobs_release, settings.jobs_namespace)
    if settings.jobs == "processes" and settings.jobs_file and settings.jobs_home:
        return ProcessJobs(read_commands(settings.jobs_file), settings.jobs_home)
    return NoJobs()


def runner(settings: Settings, environment: Mapping[str, str]) -> Runner | None:
    """Return what runs processes, where jobs are any.

    Args:
        settings: this API's own, which its jobs are not given.
        environment: of this process.
    """
    if settings.jobs != "processes" or not settings.jobs_file or not settings.jobs_home:
        return None
    given = {
        name: value
        for name, value in environment.items()
        if name.lower() not in type(settings).model_fields
    }
    limits = Limits(settings.jobs_log_bytes, settings.jobs_kept, settings.jobs_grace_seconds)
    return Runner(read_commands(settings.jobs_file), settings.jobs_home, limits, given)
