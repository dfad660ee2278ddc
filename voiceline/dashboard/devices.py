"""What a person may know one of their browsers by."""

from __future__ import annotations

from flask import request

from voiceline.login_sessions import Device

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""A part of the User-Agent and who says it; of several the first, for most claim to be others."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_asking() -> Device:
    """Answer the browser that asks: `Firefox on Windows`, and its network address."""
    said = request.headers.get("User-Agent", "")
    browser = next((name for part, name in BROWSERS if f"{part}/" in said), "A browser")
    system = next((name for part, name in SYSTEMS if part in said), None)
    return Device(f"{browser} on {system}" if system else browser, request.remote_addr)
