"""Starts a plugin, and keeps modules for its calls. `toolcell build` adds the call of `start` and hands this to
componentize-py in place of the plugin's own module.

componentize-py saves the memory as it is after the plugin was imported, and a call has no files to import from. So this
keeps sources in that memory: of the standard library, and of the packages and modules that the plugin may import.
"""

import os
import sys
import zlib
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceLoader

STDLIB = "/python"

# Of no use without files, a screen or an installer.
SKIPPED = {
    "__pycache__", "_distutils_hack", "componentize_py", "ensurepip", "idlelib", "pip", "pkg_resources", "pydoc_data",
    "setuptools", "tkinter", "turtledemo", "venv", "wheel",
}

NO_TLS = "a plugin has no network, and its Python no TLS"


class Sources(SourceLoader):
    """Finds and loads the modules whose sources it keeps."""

    def __init__(self):
        self.paths = {}
        self.packages = {}
        self.texts = {}

    def keep(self, name, path):
        """Keeps a module."""
        if path in self.texts:
            return
        with open(path, "rb") as file:
            text = file.read()
        self.paths[name] = path
        self.texts[path] = zlib.compress(text)

    def keep_folder(self, name, folder):
        """Keeps the modules and packages in a folder, and the package that it is. Tells whether there are any."""
        if name:
            self.packages[name] = folder
        found = False
        for entry in sorted(os.listdir(folder)):
            path = f"{folder}/{entry}"
            stem, dot, extension = entry.partition(".")
            inner = f"{name}.{stem}" if name else stem
            if dot and extension == "py" and stem.isidentifier():
                self.keep(name if stem == "__init__" else inner, path)
                found = True
            elif not dot and stem.isidentifier() and stem not in SKIPPED and os.path.isdir(path):
                found = self.keep_folder(inner, path) or found
        if name and not found:
            del self.packages[name]
        return found

    def find_spec(self, name, path=None, target=None):
        if name == "_ssl":
            raise ModuleNotFoundError(f"No module named {name!r}: {NO_TLS}", name=name)
        path = self.paths.get(name)
        if not path and name not in self.packages:
            return None
        is_package = name in self.packages
        spec = ModuleSpec(name, self if path else None, origin=path, is_package=is_package)
        spec.has_location = bool(path)
        if is_package:
            spec.submodule_search_locations.append(self.packages[name])
        return spec

    def get_filename(self, name):
        return self.paths[name]

    def is_package(self, name):
        return name in self.packages

    def path_stats(self, path):
        raise OSError(path)  # so that nobody looks for bytecode

    def get_data(self, path):
        if path in self.texts:
            return zlib.decompress(self.texts[path])
        with open(path, "rb") as file:
            return file.read()

    def exec_module(self, module):
        super().exec_module(module)
        if module.__name__ == "http.client" and not hasattr(module, "HTTPSConnection"):
            add_https(module)


def add_https(client):
    """Lets a request by https reach the server, which denies it like one by http. Without TLS, Python would say that
    it does not know this type of URL."""

    class HTTPSConnection(client.HTTPConnection):
        default_port = 443

        def __init__(self, host, port=None, *, context=None, **options):
            super().__init__(host, port, **options)

        def connect(self):
            super().connect()
            self.close()
            raise OSError(NO_TLS)

    client.HTTPSConnection = HTTPSConnection
    client._create_https_context = lambda http_version: None


def imported(text):
    """Finds the first part of each name in import statements, also in those of functions."""
    names = set()
    for line in text.decode("utf-8", "replace").splitlines():
        words = line.replace(",", " ").split()
        if words and words[0] == "from":
            names.update(words[1:2])
        elif words and words[0] == "import":
            names.update(words[1:])
    return {name.partition(".")[0] for name in names}


def keep_plugin(sources, folders):
    """Keeps what the plugin has imported and what that may import, wherever it comes from. A package is kept whole."""
    waiting = [name.partition(".")[0] for name in sys.modules]
    seen = SKIPPED | {__name__, *sys.builtin_module_names, *sources.paths, *sources.packages}
    while waiting:
        name = waiting.pop()
        if not name.isidentifier() or name in seen:
            continue
        seen.add(name)
        before = set(sources.texts)
        for folder in folders:
            path = f"{folder}/{name}"
            if os.path.isdir(path) and sources.keep_folder(name, path):
                break
            if os.path.isfile(f"{path}.py"):
                sources.keep(name, f"{path}.py")
                break
        for path in sorted(set(sources.texts) - before):
            waiting.extend(sorted(imported(sources.get_data(path))))


def start(entry):
    """Imports the plugin, and takes its name, under which componentize-py looks for the plugin's classes."""
    sources = Sources()
    sources.keep_folder("", STDLIB)
    sys.meta_path.insert(2, sources)  # behind what is compiled into Python
    __import__(entry)
    keep_plugin(sources, [path for path in sys.path if not path.startswith(STDLIB) and os.path.isdir(path)])
    for name, module in list(sys.modules.items()):
        if name in sources.paths and getattr(module, "__spec__", None):
            module.__spec__.loader = module.__loader__ = sources  # a traceback then shows lines of the source
    sys.modules[__name__] = sys.modules[entry]
