"""Security headers on every response, and the cache rules of pages that are not the same for everyone."""

from collections.abc import Collection

from flask import Flask, Response, g, request

from config import is_loopback

PAGES = "public, max-age=1, stale-while-revalidate=5"
"""Cache-Control of a page that is the same for everyone (rule 2 of the design)."""
FOREVER = "public, max-age=31536000, immutable"
"""Of what has a hash of its content in its address."""
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def init_app(app: Flask, script_hashes: list[str], cacheable: Collection[str]) -> None:
    """Adds the headers; only endpoints in `cacheable` may be stored, and only when they answer 200 to a GET (rule 1)."""
    policy = content_policy(script_hashes)
    https = app.config["SITE_URL"].startswith("https://")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if https and not is_loopback(request.host.partition(":")[0]):
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if not app.config["INDEXED"]:
            # Files too; robots.txt stays as it is, since a page that may not be read cannot say so.
            response.headers["X-Robots-Tag"] = "noindex"
        plain = request.method in {"GET", "HEAD"} and response.status_code in {200, 301, 304} and not g.get("uncacheable")
        if request.endpoint not in cacheable or not plain:
            response.headers["Cache-Control"] = "no-store"
        elif "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = PAGES
        return response


def content_policy(script_hashes: list[str]) -> str:
    """The Content-Security-Policy: own files, the hashed inline script, nothing else."""
    scripts = " ".join(["'self'", *(f"'{value}'" for value in script_hashes)])
    rules = {
        "default-src": "'none'",
        "object-src": "'none'",
        "script-src": scripts,
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
