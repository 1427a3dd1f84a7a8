"""What a page of the console is."""

from dataclasses import dataclass

from flask import Blueprint

from console.rendering import Link


@dataclass(frozen=True, slots=True)
class Page:
    """The routes of a page, and how the navigation leads to it."""

    blueprint: Blueprint
    links: tuple[Link, ...] = ()
