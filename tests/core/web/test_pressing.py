"""Pressed templates show what they would show unpressed, in fewer steps."""

# ruff: noqa: E501  a line of a template stays a line, for its white space is part of what is shown

from collections.abc import Hashable
from typing import Any

import pytest
from jinja2 import DictLoader, StrictUndefined, TemplateAssertionError, pass_context
from jinja2.exceptions import UndefinedError
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from core.texts import reading
from core.web.environment import HouseTemplates
from core.web.pressing import writing
from core.web.words import gettext, ngettext
from tests.core.web import test_look

LAYOUT = """{% from "parts" import icon %}<title>{% block title %}Medley{% endblock %}</title>
<h1>{{ self.title() }}</h1>{% set size = 3 %}{% block main %}Nothing{{ size }}{% endblock %}
{% block foot %}<footer>{% block deep %}deep{% endblock %}</footer>{% endblock %}{{ icon("end") }}"""
PARTS = """{% set tones = {"stop": "red"} %}{% set wide = [1] + [2] %}
{% macro icon(name, cls="") %}<i class="{{ cls }}{{ " big" if cls }}">{{ asset(name) }}</i>{% endmacro %}
{% macro tone(phase) %}{{ tones.get(phase, "grey") }}{% endmacro %}
{% macro box(title, count=None, acts="") %}<section>{{ icon("box", "b") }}<h2>{{ title }}</h2>
{%- if count is not none %}({{ count }}){% endif %}{{ acts }}{{ caller() }}</section>{% endmacro %}
{% macro odd() %}{{ caller() if caller is defined }}{{ caller()|upper }}{% endmacro %}
{% macro note(text) %}<p>{{ text }}{% if caller is defined %}: {{ caller() }}{% endif %}</p>{% endmacro %}
{% macro row(one, loop_name="x") %}{% set name = one ~ loop_name %}<li>{{ name }}{{ tone(one) }}</li>{% endmacro %}
{% macro rows(items) %}{% for one in items %}{{ row(one) }}{{ loop.index }}{% else %}none{% endfor %}{% endmacro %}
{% macro many() %}{{ varargs|join("-") }}{% endmacro %}
{% macro deep(n) %}{{ n }}{% if n %}{{ deep(n - 1) }}{% endif %}{% endmacro %}
{% macro wrapped(title) %}{% call box(title) %}in {{ title }}{% endcall %}{% endmacro %}
{% macro width() %}{{ wide|sum }}{% endmacro %}"""
TEMPLATES = {
    "parts": PARTS,
    "layout": LAYOUT,
    "other layout": "<main>{% block main %}{% endblock %}</main>",
    "middle": """{% extends "layout" %}{% block main %}<div>{% block inner %}{% endblock %}{% set size = 5 %}{{ size }}</div>{% endblock %}""",
    "piece": """{% from "parts" import icon as sign %}{% set name = "piece" %}{{ sign(name) }}{{ who }}{{ here }}""",
    "plain": """{% from "parts" import icon, box, odd, note, rows, many, deep, tone, wrapped, width %}{% call odd() %}{{ who }}{% endcall %}{{ icon("a") }}{{ icon("b", "c") }}
{{ icon(who) }}{{ icon(name=who, cls=who) }}{% call box(who, 2) %}{{ who }}{{ icon("in") }}{% endcall %}
{% call box(_("Facts"), acts=icon("x")) %}{% set who = "inside" %}{{ who }}{% endcall %}{{ who }}
{{ note("n") }}{% call note(who) %}<b>{% endcall %}{{ rows(["stop", who]) }}{{ rows([]) }}{{ many(1, 2) }}{{ deep(2) }}
{{ tone("stop") ~ "!" }}{{ icon("d") if who else icon("e") }}{{ icon("f") if not who }}{{ wrapped(who) }}{{ width() }}
{% for name in ["p", "q"] %}{{ icon(name, loop.index) }}{% call box(name) %}{{ loop.index }}{{ name }}{% endcall %}{% endfor %}""",
    "shadowed": """{% from "parts" import icon, tone %}{% for icon in [who] %}{{ icon }}{% endfor %}{{ tone("x") }}
{% macro tone2(icon) %}{{ icon }}{{ tone(icon) }}{% endmacro %}{{ tone2("stop") }}""",
    "included": """{% set here = "here" %}{% include "piece" %}{% for here in [1, 2] %}{% include "piece" %}{% endfor %}{{ here }}
{% include "absent" ignore missing %}{% include which %}""",
    "page": """{% extends "middle" %}{% from "parts" import icon, box %}{% set here = "top" %}{% block title %}{{ who }} page{% endblock %}
{% block inner %}{{ icon("in", here) }}{% call box(self.title()) %}x{{ self.title()|upper }}{% endcall %}{% include "piece" %}{% endblock %}
{% block deep %}{% if nobody %}a{% elif self.title() == "x" %}b{% elif who %}{{ self.title() }}{% endif %}({{ super() }}{{ super()|upper }}){% endblock %}""",
    "either": """{% extends "layout" if who else "other layout" %}{% block main %}mine{% endblock %}""",
    "or": """{% extends "layout" if nobody else "other layout" %}{% block main %}mine{% endblock %}""",
    "words": """{{ _("Beds") }}{{ _("100%% of %(name)s", name=who) }}{{ _("%(a)s and %(b)s", b="B", a=who) }}{{ _("%(a)s %(a)s", a=who) }}
{{ _("No %(x)s", x=none) }}{{ ngettext("one", "%(num)s", 2) }}{{ _("Beds")|upper }}{{ _("Beds") ~ who }}{% trans %}Beds{% endtrans %}""",
    "settled": """{% if true and who %}a{% elif true %}b{% else %}c{% endif %}{% if who %}a{% elif false %}b{% elif true %}c{% else %}d{% endif %}{{ "x" if false }}{{ 1 if 2 is number else 3 }}{% if false %}d{% elif who %}e{% endif %}
{{ (none or who) }}{{ ("" and who) }}{{ "a" in "abc" }}{{ "abc"|upper }}{{ [1, 2]|length }}{% for x in [] %}x{% else %}empty{% endfor %}{{ {"a": 1}.get("a") }}""",
    "nothing there": """{{ nobody.name }}{{ thing.a }}{{ thing.keys }}{{ thing.b.c }}{{ thing["a"] }}{{ who.upper() }}""",
}  # fmt: skip
WHO = "<Ng’ang’a & “co”>"


def asset(name: str, plugin: str = "core") -> str:
    return f"/static/{plugin}/{name}"


@pass_context
def kept(context: Context, template: str, *key: Hashable) -> Markup:
    return Markup(context.environment.get_template(template).render(context.get_all()))


def environment(templates: dict[str, str], pressing: bool) -> Any:
    made = HouseTemplates(_App())
    made.loader = DictLoader(templates)
    made.undefined = StrictUndefined
    made.autoescape = True
    made.trim_blocks = made.lstrip_blocks = True
    made.add_extension("jinja2.ext.i18n")
    made.newstyle_gettext = True
    made.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        asset=asset,
        kept=kept,
        csp_nonce=lambda: "n0nce",
        csrf_token=lambda: "t0ken",
    )
    made.globals.update(url_for=lambda endpoint, **values: f"/{endpoint}/{'/'.join(map(str, values.values()))}")
    made.globals.update(slot=lambda hook, **given: [])
    made.filters.update(number=str, day=str, moment=str, clock=str, age=str, initials=lambda name: name[:1])
    if not pressing:
        made.language = "en"
        made.ready = {}
        made._generate = lambda source, name, *args, **options: super(HouseTemplates, made)._generate(
            source, name, *args, **options
        )
    return made


class _App:
    """What Flask's environment wants of an application."""

    jinja_loader = None

    def create_global_jinja_loader(self) -> None:
        """None; the tests bring theirs."""

    def select_jinja_autoescape(self, _name: str) -> bool:
        return True


def shown(name: str, pressing: bool, templates: dict[str, str] | None = None, **facts: Any) -> str:
    given = {"who": WHO, "nobody": "", "here": "outside", "which": "piece", "thing": {"a": 1}, **facts}
    given["address"] = lambda shape, *values: "/" + shape.split("|")[0] + "/" + "/".join(map(str, values))
    return environment(templates or TEMPLATES, pressing).get_template(name).render(given)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name not in ("nothing there", "parts")])
def test_a_pressed_template_shows_the_same(name: str):
    if name == "piece":
        assert "outside" in shown(name, pressing=True)
    assert shown(name, pressing=True) == shown(name, pressing=False)


@pytest.mark.parametrize("name", [*test_look.PAGES, *test_look.CONTEXT])
@pytest.mark.parametrize("is_known", [True, False])
def test_the_houses_own_layouts_and_parts_show_the_same(name: str, is_known: bool):
    form = test_look.Registration(data={"name": WHO})
    form.form_errors = ["The form as a whole is odd."]
    form.name.errors = ["Too short."]
    sources = {
        path.relative_to(test_look.WEB / "templates").as_posix(): path.read_text("utf-8")
        for path in (test_look.WEB / "templates").rglob("*.html")
    }
    item = {"label": "Patients", "url": "/patients", "icon": "people", "current": True, "count": 3}
    facts = {
        "site": {"title": "Harbour", "place": "Mombasa", "is_demo": True, "locale": "en"},
        "lang": "en", "direction": "ltr", "nav": [{"title": "Today", "items": [item]}], "tabs": [item], "endpoint": "core.home",
        "me": {"name": "Grace", "initials": "G", "role": "Clerk", "place": ""} if is_known else None,
        "rights": frozenset(), "theme": "auto", "density": "compact", "request_id": "7F3", "now": "now",
        "toasts": [{"text": "Done", "phase": "done", "undo_url": "/undo"}], "form": form,
        **test_look.CONTEXT.get(name, {}),
    }  # fmt: skip
    pages = {**sources, **test_look.PAGES}
    pressed = shown(name, True, pages, **facts)
    assert pressed == shown(name, False, pages, **facts)
    assert "<!doctype html>" in pressed


def test_what_is_not_there_is_still_a_mistake():
    for pressing in (True, False):
        with pytest.raises(UndefinedError, match=r"nobody|no attribute 'name'"):
            shown("nothing there", pressing)


def test_an_attribute_is_looked_for_before_an_item():
    templates = {
        "page": """{{ thing.a }} {{ thing.get("a") }} {{ thing.keys is callable }} {{ thing.b|default("no") }}"""
    }
    assert shown("page", True, templates) == shown("page", False, templates) == "1 1 True no"


def test_a_layout_is_named_by_a_text():
    with pytest.raises(TemplateAssertionError, match="a layout is named once"):
        shown("page", True, {"page": "{% extends which %}"})


def test_a_page_with_a_layout_only_imports_sets_and_defines_beside_its_blocks():
    templates = {"page": """{% extends "layout" %}{% if who %}{% set a = 1 %}{% endif %}""", **TEMPLATES}
    templates["page"] = """{% extends "layout" %}{% if who %}{% set a = 1 %}{% endif %}"""
    with pytest.raises(TemplateAssertionError, match="only imports, sets and defines"):
        shown("page", True, templates)


def test_a_pressed_page_calls_no_small_macro(monkeypatch: pytest.MonkeyPatch):
    called: list[str] = []
    call = Macro.__call__

    def counting(macro: Macro, *args: Any, **options: Any) -> Any:
        called.append(macro.name)
        return call(macro, *args, **options)

    monkeypatch.setattr(Macro, "__call__", counting)
    shown("page", pressing=False)
    assert "icon" in called
    called.clear()
    shown("page", pressing=True)
    assert called == []


def test_each_language_has_templates_of_its_own():
    made = environment({"page": "{{ _('Beds') }}"}, pressing=True)
    with reading("en"):
        first = made.get_template("page")
    with reading("sw"):
        second = made.get_template("page")
    with reading("en"):
        assert made.get_template("page") is first is not second


def test_addresses_become_shapes_outside_macros_only():
    templates = {
        "parts": "{% macro link(uid) %}{{ url_for('a.show', uid=uid) }}{% for n in range(99) %}{% endfor %}{% endmacro %}",
        "page": """{% from "parts" import link %}{{ url_for("a.show", uid=who, kind="names") }} {{ url_for("a.index") }}""",
    }
    assert shown("page", True, templates, who="7") == "/a.show/7 /a.index/"
    assert writing.shown("<") == "&lt;"
    assert writing.shown(Markup("<")) == "<"
    assert writing.shown(None) == "None"
