"""Packs the status page's files and the rendered documents into one C++ file.

pack_assets.py OUTPUT WEB-FOLDER CMARK-OR-EMPTY DOCUMENT...
Nothing in the output depends on when or where it was made.
"""
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

SCRIPTS = ["ui.js", "charts.js", "tables.js", "overview.js", "pages.js", "app.js"]


def tag_of(octets):
    return hashlib.sha256(octets).hexdigest()[:16]


def array_of(name, octets):
    values = [str(octet - 256 if octet > 127 else octet) for octet in octets]
    lines = [",".join(values[at:at + 32]) for at in range(0, len(values), 32)]
    return "constexpr char %s[] = {\n%s};\n" % (name, ",\n".join(lines) if lines else "0")


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def assets_of(folder):
    script = "(() => {\n'use strict';\n" + "\n".join((folder / name).read_text("utf-8") for name in SCRIPTS) + "})();\n"
    files = {
        "app.js": script.encode("utf-8"),
        "words.js": (folder / "words.js").read_bytes(),
        "app.css": (folder / "app.css").read_bytes(),
        "icon.svg": (folder / "icon.svg").read_bytes(),
    }
    page = (folder / "index.html").read_text("utf-8")
    page = re.sub("@([a-z.]+)@", lambda match: tag_of(files[match.group(1)]), page)
    files[""] = page.encode("utf-8")
    types = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "": "text/html"}
    for name, octets in files.items():
        yield "/" + name, types[name.rpartition(".")[2]] + "; charset=utf-8", octets


def documents_of(cmark, files):
    for file in files if cmark else []:
        text = pathlib.Path(file).read_text("utf-8")
        html = subprocess.run([cmark, "-e", "table", "-t", "html"], input=text.encode("utf-8"), check=True,
                              stdout=subprocess.PIPE).stdout
        yield pathlib.Path(file).stem, text.partition("\n")[0].lstrip("# ").strip(), html


def main(output, folder, cmark, *files):
    arrays, entries = [], {"assets": [], "documents": []}
    packed = [("assets", each) for each in assets_of(pathlib.Path(folder))]
    packed += [("documents", each) for each in documents_of(cmark, files)]
    for number, (kind, (path, label, octets)) in enumerate(packed):
        small = gzip.compress(octets, 9, mtime=0) if kind == "assets" else b""
        arrays.append(array_of("plain_%d" % number, octets))
        view = "std::string_view(plain_%d, %d)" % (number, len(octets))
        if small:
            arrays.append(array_of("gzip_%d" % number, small))
            view += ", std::string_view(gzip_%d, %d)" % (number, len(small))
        else:
            view += ", {}"
        entries[kind].append("{%s, %s, %s, %s}" % (quoted(path), quoted(label), quoted('"%s"' % tag_of(octets)), view))
    text = '#include "agent/status/packed.h"\n\nnamespace qianzhi::status {\n\nnamespace {\n\n'
    text += "".join(arrays) + "\n}  // namespace\n\n"
    for kind in ("assets", "documents"):
        text += "const std::vector<Asset>& packed_%s() {\n  static const std::vector<Asset> all = {\n" % kind
        text += ",\n".join(entries[kind]) + "};\n  return all;\n}\n\n"
    pathlib.Path(output).write_text(text + "}  // namespace qianzhi::status\n", "utf-8")


main(*sys.argv[1:])
