"""Packaging: `core` and the built-in `plugins` in one distribution, with their templates, assets and translations.

The tools' settings and the build system are in `pyproject.toml`. Vendors ship plugins of their own as packages with an
entry point in the group `medley.plugins`; the built-in ones are found by their folder and need none.
"""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
PROFILES = [str(path.relative_to(HERE)) for path in sorted(HERE.glob("config/profiles/*.toml"))]


def version() -> str:
    """Read the version without importing the core, whose libraries may not be installed yet."""
    text = (HERE / "core" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise RuntimeError('core/__init__.py holds no line __version__ = "…"')
    return found.group(1)


setup(
    name="medley",
    version=version(),
    description="A hospital management system made only of modules",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    classifiers=[
        "Environment :: Web Environment",
        "Framework :: Flask",
        "Intended Audience :: Healthcare Industry",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["core", "core.*", "plugins", "plugins.*"]),
    # Migrations are numbered scripts, not importable modules, so they travel as data.
    package_data={
        "": [
            *("templates/**/*", "static/**/*", "locale/**/*", "migrations/**/*.py", "data/**/*", "new_plugin/*"),
            *("*.csv", "*.gz", "*.json", "*.toml", "*.txt", "py.typed"),
        ],
    },
    data_files=[("share/medley/profiles", PROFILES)],
    include_package_data=False,  # the list above is the whole truth; MANIFEST.in speaks of the source archive
    zip_safe=False,
    install_requires=[
        "apscheduler>=3.11,<4",
        "argon2-cffi>=25.1",
        "babel>=2.16",
        "click>=8.1.8",
        "cryptography>=44",
        "defusedxml>=0.7.1,<1",
        "flask>=3.1,<4",
        "fpdf2>=2.8.3,<3",
        "granian>=2.5,<3",
        "jellyfish>=1.2,<2",
        "jinja2>=3.1.6,<4",
        "openpyxl>=3.1.5,<4",
        "orjson>=3.10,<4",
        "packaging>=24",
        "peewee>=4.5,<5",
        "phonenumbers>=9,<10",
        "pillow>=11",
        "pluggy>=1.6,<2",
        "pyotp>=2.9,<3",
        "pypdfium2>=4.30",
        "python-barcode>=0.15.1,<1",
        "rapidfuzz>=3.12,<4",
        "segno>=1.6,<2",
        "tomli-w>=1.1,<2",
        "tzdata",
        "uharfbuzz>=0.45",
        "wtforms>=3.2,<4",
        "xlsxwriter>=3.2,<4",
    ],
    extras_require={
        "postgres": ["psycopg[binary]>=3.2,<4"],
        "mysql": ["pymysql>=1.1,<2"],
        "dev": [
            "axe-playwright-python>=0.1.8",
            "bandit>=1.8",
            "hypothesis>=6.130",
            "jsonschema-rs>=0.29",
            "mypy>=1.15",
            "pip-audit>=2.9",
            "playwright>=1.52",
            "pytest>=9",
            "pytest-xdist>=3.6",
            "ruff>=0.12",
            "schemathesis>=4.30,<5",
            "setuptools>=77",
            "wheel",
            "zxing-cpp>=2.3",
        ],
    },
    entry_points={"console_scripts": ["medley = core.cli:main"]},
)
