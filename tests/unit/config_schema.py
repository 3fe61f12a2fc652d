"""config_schema.py SCHEMA EXAMPLES BROKEN KEY LEAST: every example below the folder that has this key at its root, or
none but keys of the schema (a part of a configuration, which may lack others), validates; every broken file that YAML can read is refused if one of its expected findings is of a kind that a schema
sees, and of all at least LEAST are. Prints what is wrong; exit status 1 then."""

import json
import pathlib
import re
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """YAML 1.2: no dates, no yes and no, no octal or sexagesimal numbers."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))

# Unknown key, wrong kind, unit, integer, word, secret in the file.
SEEN = {"QZ-CFG-012", "QZ-CFG-014", "QZ-CFG-015", "QZ-CFG-016", "QZ-CFG-017", "QZ-CFG-021"}
# Passwords inside of texts are no matter of form, nor how large a number is; an adapter of any name may be installed.
UNSEEN = {"password_in_dsn", "password_url", "size_overflow", "value_type"}


def main():
    schema_file, examples, broken = map(pathlib.Path, sys.argv[1:4])
    key, least = sys.argv[4:]
    schema = json.loads(schema_file.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    parts = jsonschema.Draft202012Validator({name: value for name, value in schema.items() if name != "required"})
    taken = 0
    faults, refused = 0, 0
    for file in sorted(examples.rglob("*.yaml")):
        document = yaml.load(file.read_text(), Core)
        if key not in document and not set(document) <= set(schema["properties"]):
            continue
        taken += 1
        for error in (validator if key in document else parts).iter_errors(document):
            faults += 1
            print(file.name, error.json_path, error.message[:200])
    for file in sorted(broken.glob("*.yaml")):
        codes = set(re.findall(r"^\d+:\d+ (QZ-\w+-\d+)$", file.with_suffix(".expected").read_text(), re.M))
        try:
            document = yaml.load(file.read_bytes().decode(), Core)
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        if next(validator.iter_errors(document), None) is not None:
            refused += 1
        elif codes & SEEN and file.stem not in UNSEEN:
            faults += 1
            print(file.name, "is not refused:", sorted(codes))
    print(taken, "examples taken,", refused, "broken files refused")
    return 1 if faults or taken == 0 or refused < int(least) else 0


sys.exit(main())
