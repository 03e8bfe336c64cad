"""What every answer says to the browser about trust."""

from flask import Flask
from werkzeug.wrappers import Response

from core.web.request import asked, facts_of_answer, nonce

FIXED = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"),
)
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none';"
    " object-src 'none'; frame-ancestors 'none'"
)

# Added by a view to a file somebody sent in: it is shown by itself, and nothing in it runs, loads or leads anywhere.
# A browser that is told two policies keeps both.
SEALED = "default-src 'none'; sandbox"


def add_headers(app: Flask) -> None:
    """Send them with everything."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Content policy with a fresh nonce, no framing, no guessing of types; nothing of a person is kept by a browser."""
    headers, request = response.headers, asked()
    headers.extend(
        (
            *FIXED,
            ("X-Request-Id", facts_of_answer().get("request_id", "")),
            ("Content-Security-Policy", POLICY.replace("{nonce}", nonce())),
        )
    )
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
