"""The shell: `sh`, `ash` and `bash`, as busybox ash 1.35 behaves.

Text becomes words (`lexer`), words become a tree (`parser`, `syntax`), the tree is walked (`interpreter`), its
words are expanded on the way (`expansion`, `patterns`, `arithmetic`), and what must happen inside the shell's
own process stands in `builtins`.
"""
