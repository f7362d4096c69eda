"""Rule sets as YAML: reasons, word lists and rules in one file that lives in git.

`nodes` reads YAML with the place of everything in it, `schema` makes entries
of that, `spelling` spells entries out again. All three are pure; `store`
compares entries with the database and writes them.
"""
