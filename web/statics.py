"""Static files under hashed names, the imports between scripts too: a module that two others name is one module."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped library
    """Without the imports rewritten, a script imported under its plain name would run a second time beside itself."""

    support_js_module_import_aggregation = True
