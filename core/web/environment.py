"""How templates are found, pressed, compiled, kept and filled in."""

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any, ClassVar

from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache, Template, nodes
from jinja2.bccache import Bucket
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode

from core.texts import catalogue_files, reader_locale
from core.web.pressing import ESCAPING, HouseCode, Press
from core.web.words import in_language

PRESSING = Path(__file__).parent / "pressing"
PLAIN = (FunctionType, MethodType)


class HouseContext(Context):
    """Jinja's context, which asks of a macro or a plain function only what it must before calling it."""

    @classmethod
    def over(cls, template: Template, shared: dict[str, Any], facts: dict[str, Any]) -> "HouseContext":
        """The context of a template with facts of its own over what every page is given, which is not copied."""
        context = cls.__new__(cls)
        context.environment, context.name = template.environment, template.name
        context.parent, context.vars = shared, facts
        context.eval_ctx = EvalContext(template.environment, template.name)
        context.exported_vars, context.globals_keys = set(), set()
        context.blocks = {name: [block] for name, block in template.blocks.items()}
        return context

    @internalcode
    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template calls; a page does so hundreds of times."""
        kind = type(called)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind not in PLAIN or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return called(*args, **kwargs)


class HouseTemplates(Environment):
    """Flask's environment, which presses its templates for the reader's language before it compiles them.

    They all share its globals: looking through chains of them costs each page.
    """

    context_class = HouseContext
    code_generator_class = HouseCode
    language = ""
    press: Press
    ready: dict[str, Template]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; nothing here gives one its own."""
        return super().make_globals(d) if d else self.globals

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """A template in the reader's language."""
        spoken = self if self.language else self.speaking(reader_locale())
        found = spoken.ready.get(name)
        if found is None:
            found = spoken.ready[name] = super(HouseTemplates, spoken).get_template(name, parent, globals)
        return found

    def filled(self, name: str, shared: dict[str, Any], *facts: Mapping[str, Any]) -> str:
        """What a template shows with what every page is given, globals included, and these facts, the last first."""
        template = self.get_template(name)
        own: dict[str, Any] = {}
        for some in facts:
            own.update(some)
        try:
            return "".join(template.root_render_func(HouseContext.over(template, shared, own)))
        except Exception:  # noqa: BLE001  Jinja names the template and the line, and raises again
            self.handle_exception()

    def speaking(self, language: str) -> "HouseTemplates":
        """The environment for one language, with templates of its own."""
        known: dict[str, HouseTemplates] = self.__dict__.setdefault("spoken", {})
        found = known.get(language)
        if found is None:
            found = self.overlay()
            found.language = language
            found.ready = {}
            asset: Any = self.globals["asset"]
            found.press = Press(found, partial(in_language, language), {"asset": asset})
            known[language] = found
        return found

    def _generate(self, source: nodes.Template, name: str | None, *args: Any, **options: Any) -> str:
        pressed = self.press.pressed(source, name) if self.language and name is not None else source
        code: str = super()._generate(pressed, name, *args, **options)
        return code.replace("\n", f"{ESCAPING}\n", 1)


class PressedTemplates(FileSystemBytecodeCache):
    """Compiled templates, on disk and in this process.

    What a template comes to hangs on all others, on the language and on the static files.
    """

    compiled: ClassVar[dict[tuple[str, str], Any]] = {}

    def get_bucket(self, environment: Any, name: str, filename: str | None, source: str) -> Bucket:
        """The place of one template in one language."""
        return super().get_bucket(environment, f"{environment.language}:{name}", filename, self.print_of(environment))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what this process compiled before, for another installation too, else what lies on disk."""
        known = self.compiled.get((bucket.key, bucket.checksum))
        if known is None:
            super().load_bytecode(bucket)
        else:
            bucket.code = known

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        self.compiled[bucket.key, bucket.checksum] = bucket.code
        super().dump_bytecode(bucket)

    def print_of(self, environment: Any) -> str:
        """The fingerprint of everything templates are made of, taken once."""
        known: str | None = getattr(self, "_print", None)
        if known is None:
            known = self._print = fingerprint(environment)
        return known


def fingerprint(environment: Environment) -> str:
    """A digest of every template, of the addresses of static files, of the catalogues and of the press itself."""
    asset: Any = environment.globals["asset"]
    digest = hashlib.sha256(repr(sorted(asset.__self__.urls.items())).encode())
    for name in sorted(environment.list_templates()):
        source, _filename, _uptodate = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
        digest.update(f"{name}\0{source}\0".encode())
    for path in (*sorted(PRESSING.glob("*.py")), *catalogue_files()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
