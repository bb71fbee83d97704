"""jq: a language for JSON, the part of jq 1.6 that scripts use.

A filter becomes a tree (`parser`), the tree gives any number of values for each input (`filters`); `main` is the
command. Every step is counted: a filter that never ends or grows without bounds is ended.
"""
