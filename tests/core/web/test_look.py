"""The look keeps its promises: safe templates, readable colours, both directions of writing, files as published."""

import gzip
import hashlib
import re
from collections.abc import Hashable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from wtforms import BooleanField, Form, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

HOUSE = Path(__file__).parents[3]
WEB = HOUSE / "core" / "web"
STATIC = WEB / "static"
TEMPLATES = sorted((HOUSE / "core").rglob("templates/**/*.html"))
CSS = (STATIC / "css" / "medley.css").read_text(encoding="utf-8")
MODULES = sorted((STATIC / "js").glob("*.js"))
PHASES = {"draft", "planned", "waiting", "active", "hold", "done", "ended", "missed"}
SIGNS = {"info", "caution", "stop", "up", "down"}


def symbols(file: str) -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / file).read_text(encoding="utf-8")))


def without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


# ---- Files ----


def test_what_others_wrote_is_as_published():
    folder = STATIC / "vendor"
    listed = dict(reversed(line.split("  ")) for line in (folder / "checksums.txt").read_text().splitlines())
    assert {path.name for path in folder.iterdir()} - {"README.md", "checksums.txt"} <= set(listed)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
        assert Path(name).name in readme
        assert digest in readme or name.startswith("LICENSE")


def test_no_style_sheet_asks_for_a_source_map():
    assert not [path.name for path in STATIC.rglob("*.css") if "sourceMappingURL" in path.read_text(encoding="utf-8")]


def test_every_phase_and_sign_has_its_own_glyph():
    assert symbols("status.svg") >= PHASES | SIGNS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_and_file_a_template_names_is_there(path: Path):
    text = path.read_text(encoding="utf-8")
    icons = set(re.findall(r'\b(?:icon|empty)\("([a-z0-9-]+)"', text))
    icons |= set(re.findall(r'icon_name(?:=|\|default\()"([a-z0-9-]+)"', text))
    assert icons <= symbols("icons.svg")
    files = {name for name in re.findall(r'\basset\("([^"]+)"', text) if "." in name}
    assert not {name for name in files if not (STATIC / name).is_file()}


def test_what_every_page_loads_is_light():
    files = [STATIC / "vendor" / "bootstrap-5.3.9.min.css", STATIC / "css" / "medley.css", *MODULES]
    assert sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in files) < 120_000


# ---- Templates are safe and translatable ----

UNSAFE = {
    "marks text as safe": r"\|\s*safe\b|\bMarkup\s*\(",
    "switches escaping off": r"\bautoescape\s+false\b",
    "has an inline style": r"""\sstyle\s*=\s*["']""",
    "has an inline handler": r"""\son[a-z]+\s*=\s*["']""",
    "has an inline script": r"<script(?![^>]*\bsrc=)",
    "has a script without a nonce": r"<script(?![^>]*\bnonce=)",
    "has a script address": r"javascript:",
    "has an inline style sheet": r"<style\b",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_opens_a_door_to_scripts(path: Path):
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not [what for what, pattern in UNSAFE.items() if re.search(pattern, text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_the_macros_are_made_once_and_not_for_each_page(path: Path):
    assert not re.search(r"\bwith context\b", without_comments(path.read_text(encoding="utf-8")))


class Words(HTMLParser):
    """Collects what a reader would see or hear that is not a key's name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.note(*[value or "" for name, value in attrs if name in {"aria-label", "title", "placeholder", "alt"}])

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "kbd":
            self.note(data)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def note(self, *texts: str) -> None:
        self.found += [text.strip() for text in texts if re.search(r"[^\W\d_]{2,}", text.replace("&nbsp;", ""))]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(path: Path):
    text = without_comments(path.read_text(encoding="utf-8"))
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    words = Words()
    words.feed(text)
    assert words.found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_scripts_build_no_html_from_text_and_load_no_other_script(path: Path):
    text = path.read_text(encoding="utf-8")
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|^import\b"
    assert not re.search(forbidden, text, re.MULTILINE)


# ---- Colours ----


def tokens(theme: str) -> dict[str, str]:
    blocks = re.findall(r"([^{}]*)\{([^{}]*--m-desk:[^{}]*--m-ink-3:[^{}]*)\}", CSS)
    for selector, body in blocks:
        if f'[data-bs-theme="{theme}"]' in selector:
            return dict(re.findall(r"--m-([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", body))
    raise AssertionError(theme)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("desk", "sheet", "sunken", "raised", "hover", "selected")
TONES = ("neutral", "info", "wait", "active", "good", "stop")
TEXT_ON = {
    "ink": (*GROUNDS, *(f"{tone}-soft" for tone in TONES)),
    "ink-2": (*GROUNDS, "neutral-soft"),
    "ink-3": GROUNDS,
    "accent": ("sheet", "raised", "sunken", "desk", "hover", "selected"),
    "accent-deep": ("sheet", "raised", "hover"),
    "on-accent": ("accent", "accent-deep"),
    "on-stop": ("stop",),
    "sheet": ("ink",),
    **{tone: ("sheet", "raised", "hover", "selected", f"{tone}-soft") for tone in TONES},
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_every_ground_it_stands_on(theme: str):
    colour = tokens(theme)
    pairs = [(text, ground) for text, grounds in TEXT_ON.items() for ground in grounds]
    assert not [(text, ground) for text, ground in pairs if contrast(colour[text], colour[ground]) < 4.5]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_controls_the_focus_ring_and_charts_are_seen(theme: str):
    colour = tokens(theme)
    seen = ["edge", "focus", *(f"viz-{number}" for number in range(1, 7))]
    assert not [name for name in seen if contrast(colour[name], colour["sheet"]) < 3]


def test_both_themes_say_the_same_things():
    assert set(tokens("light")) == set(tokens("dark"))


# ---- Both directions of writing ----

PHYSICAL = {
    "a side by its place": r"(?<![-\w])(?:scroll-)?(?:margin|padding|border)-(?:left|right|top|bottom)\b",
    "a place by its side": r"(?<![-\w])(?:left|right|top|bottom)\s*:",
    "an alignment": r"(?:text-align|float|clear)\s*:\s*(?:left|right)\b",
    "a corner": r"border-(?:top|bottom)-(?:left|right)-radius",
    "a size by its axis": r"(?<![-\w(])(?:min-|max-)?(?:width|height)\s*:",
}


def declarations() -> str:
    text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", CSS, flags=re.DOTALL)
    return re.sub(r"@media[^{]*\{", "{", text)


def test_the_theme_speaks_of_start_and_end_never_of_left_and_right():
    assert not [(what, found) for what, pattern in PHYSICAL.items() for found in re.findall(pattern, declarations())]


def test_no_shorthand_gives_the_two_sides_different_sizes():
    shorthands = re.findall(r"(?<![-\w])(?:margin|padding|inset)\s*:\s*([^;}]+)", declarations())
    parts = [re.findall(r"[^\s()]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?", value) for value in shorthands]
    assert not [value for value in parts if len(value) == 4 and value[1] != value[3]]


# ---- Templates render ----


class Registration(Form):
    idempotency_key = HiddenField(default="once")
    version = HiddenField(default="3")
    name = StringField("Full name", [DataRequired()], description="As the person writes it")
    called = StringField("Called")
    sex = SelectField("Sex", choices=[SelectChoice("f", "Female"), SelectChoice("m", "Male")])
    came = RadioField(
        "Came by", [DataRequired()], choices=[SelectChoice("w", "Walked in"), SelectChoice("a", "Ambulance")]
    )
    secret = PasswordField("Password", [DataRequired()])
    agrees = BooleanField("Agrees to reminders")


PAGES = {
    "list": """{% extends "core/list.html" %}
{% from "core/_parts.html" import views, chip, th, pick, pick_all, status, pager %}
{% block title %}Patients{% endblock %}
{% block views %}{{ views([{"label": "All", "url": "#", "current": True, "count": 3}], "Views") }}{% endblock %}
{% block filters %}{{ chip("Area", "Nyali", "/less") }}{% endblock %}
{% block table %}<table class="m-table">
<thead><tr>{{ pick_all("All") }}{{ th("Patient", "?s", "ascending") }}</tr></thead>
<tbody><tr>{{ pick("uid", "1", "Select") }}<td>{{ who }} {{ status("missed", "Did not come") }}</td></tr></tbody>
</table>
{% endblock %}
{% block pages %}{{ pager({"first_shown": 1, "last_shown": 25, "count_words": "1,000+", "previous_url": None,
"next_url": "?p=2"}) }}{% endblock %}""",
    "form": """{% extends "core/form.html" %}
{% from "core/_form.html" import field, group, password, submit %}
{% block title %}Register{% endblock %}
{% block fields %}{% call group("Who") %}{% for f in form %}{{ field(f) }}{% endfor %}{% endcall %}{% endblock %}
{% block aside %}{{ who }}{% endblock %}
{% block foot %}{{ submit("Register") }}{% endblock %}""",
    "show": """{% extends "core/show.html" %}
{% from "core/_parts.html" import box, kv, note, timeline, face, menu, menu_link, menu_post, empty, progress, switch,
  post, figure, compare, copyable, dialog, sections %}
{% block title %}{{ who }}{% endblock %}
{% block sections %}{{ sections([{"label": "Summary", "url": "#", "current": True}], "Chart") }}{% endblock %}
{% block facts %}{% call box("Facts", 2) %}{{ kv([("Name", who), ("Number", copyable("0042-1187"))]) }}{% endcall %}
{{ note("stop", who, "Why", ("More", "/more")) }}{% call note("info", "Title") %}more{% endcall %}
{{ timeline([{"at": "Today, 09:20", "title": who}]) }}{{ face(who) }}
{{ empty("people", "Nobody", "Yet", "Add", "/add") }}
{{ progress(3, 9, "3 of 9", poll="/jobs/1") }}{{ switch("Billing", True, "/plugins/billing") }}
{{ switch("A", False, name="a") }}
{{ post("Stop", "/stop", fields=[("a", who)]) }}{{ figure("Waiting", "9", "/queue", sub="1 over", phase="stop") }}
{% call menu("More") %}{{ menu_link("Print", "/print", "printer") }}{{ menu_post("Retire", "/retire") }}{% endcall %}
{{ compare([{"label": "Name", "mine": who, "theirs": "B", "same": False}], "Yours", "Theirs") }}
{% call dialog("d", "Title") %}inside{% endcall %}{% endblock %}""",
    "bare": """{% extends "core/bare.html" %}{% block title %}Sign in{% endblock %}
{% block main %}<h1>{{ who }}</h1>{% endblock %}""",
}
CONTEXT: dict[str, dict[str, Any]] = {
    "core/error.html": {"title": "Not open", "what": "Bills are closed.", "permission": "bills.read"},
    "core/confirm.html": {
        "question": "Void the bill?",
        "changes": ["Money goes back."],
        "stays": ["The number."],
        "fields": [("csrf_token", "old"), ("reason", "<b>")],
        "confirm_label": "Void",
        "keep_label": "Keep",
        "keep_url": "/",
        "reason_wanted": True,
        "typed": "118834",
    },
    "core/conflict.html": {
        "who": "Olu",
        "at": "10:57",
        "fields": [("version", "4")],
        "theirs_url": "/",
        "rows": [{"label": "Weight", "mine": "71", "theirs": "72", "same": False}],
    },
}
NASTY = "<script>alert('x')</script> & Ng’ang’a"


@pass_context
def kept_nowhere(context: Context, template: str, *key: Hashable) -> Markup:
    return Markup(context.environment.get_template(template).render(context.get_all()))


def render(template: str, direction: str = "ltr", is_known: bool = True, **facts: Any) -> str:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(WEB / "templates"), DictLoader(PAGES)]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        asset=lambda name, plugin="core": f"/static/{plugin}/{name}",
        csp_nonce=lambda: "n0nce",
        csrf_token=lambda: "t0ken",
        url_for=lambda endpoint, **values: f"/{endpoint}",
        slot=lambda hook, **given: [],
        kept=kept_nowhere,
    )
    environment.filters.update(number=str, day=str, moment=str, clock=str, age=str, initials=lambda name: name[:1])
    item = {"label": "Patients", "url": "/patients", "icon": "people", "current": True, "count": 3}
    grace = {"name": "Grace", "initials": "G", "role": "Clerk", "place": ""}
    given = {
        "site": {"title": "Harbour", "place": "Mombasa", "is_demo": True, "locale": "en"},
        "lang": "en",
        "direction": direction,
        "me": grace if is_known else None,
        "nav": [{"title": "Today", "items": [item]}],
        "tabs": [item],
        "endpoint": "patients.index",
        "rights": frozenset(),
        "theme": "auto",
        "density": "compact",
        "request_id": "7F3",
        "now": "now",
        "toasts": [{"text": "Done", "phase": "done", "undo_url": "/undo"}],
    }
    return environment.get_template(template).render({**given, "who": NASTY, **facts})


@pytest.fixture
def sent() -> Form:
    form = Registration(data={"name": NASTY})
    form.form_errors = ["The form as a whole is odd."]
    form.name.errors = ["Too short."]
    form.came.errors = ["Choose one."]
    return form


@pytest.mark.parametrize("name", [*PAGES, *CONTEXT])
@pytest.mark.parametrize("is_known", [True, False])
def test_every_layout_renders_with_what_pages_promise_and_nothing_else(name: str, is_known: bool, sent: Form):
    page = render(name, is_known=is_known, **{"form": sent, **CONTEXT.get(name, {})})
    assert page.lstrip().startswith("<!doctype html>")
    assert "<script>alert" not in page
    assert len(re.findall(r"<h1\b", page)) == 1
    assert page.count("<main") == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert all('nonce="n0nce"' in script for script in re.findall(r"<script[^>]*>", page))


def test_right_to_left_takes_the_other_bootstrap():
    assert "bootstrap-5.3.9.rtl.min.css" in render("bare", direction="rtl")
    assert "rtl.min.css" not in render("bare")


def test_a_form_carries_its_token_its_version_and_its_key(sent: Form):
    page = render("form", form=sent)
    start = page.index('id="m-form"')
    inside = page[start : page.index("</form>", start)]
    assert 'name="csrf_token" value="t0ken"' in inside
    assert re.search(r'name="version"[^>]*value="3"', inside)
    assert re.search(r'name="idempotency_key"[^>]*value="once"', inside)


def test_a_wrong_field_says_so_to_eye_and_ear(sent: Form):
    page = render("form", form=sent)
    field = re.search(r'<input[^>]*id="name"[^>]*>', page)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="name-error name-help"' in field[0]
    assert 'id="name-error"' in page
    assert 'id="name-help"' in page
    assert 'href="#name"' in page
    assert 'href="#came-0"' in page
    assert 'id="came-0"' in page
    assert "3 facts need another look" in page
    assert "The form as a whole is odd." in page


def test_optional_is_said_in_words_and_only_where_it_is_so(sent: Form):
    page = render("form", form=sent)
    assert re.search(r'for="called">Called <span class="m-optional">\(optional\)', page)
    assert re.search(r'for="name">Full name</label>', page)


def test_a_page_that_asks_sends_the_held_back_form_again_with_a_fresh_token():
    page = render("core/confirm.html", **CONTEXT["core/confirm.html"])
    assert 'value="old"' not in page
    assert 'name="reason" value="&lt;b&gt;"' in page


def test_an_error_gives_an_id_to_quote_and_names_the_permission():
    page = render("core/error.html", **CONTEXT["core/error.html"])
    assert "Reference 7F3" in page
    assert "bills.read" in page
