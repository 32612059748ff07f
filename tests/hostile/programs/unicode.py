# %% lone surrogate -> failed: surrogates not allowed
print("\ud800")

# %% lone surrogate on stderr -> failed: \ud800
import sys
sys.exit("\ud800")

# %% bytes that are no UTF-8 -> exited: \xff\xfe
import sys
sys.stdout.buffer.write(b"\xff\xfe\xc0\xaf\xed\xa0\x80")

# %% half a character -> exited: \xf0\x9f
import sys
sys.stdout.buffer.write("😀".encode()[:2])

# %% bytes on stderr -> failed: \xff
import sys
sys.stderr.buffer.write(b"\xff\x00")
sys.exit(1)

# %% NUL -> exited
print("a\0b")

# %% identifiers of one look -> exited: 1 2
а, a = 1, 2
print(а, a)

# %% identifiers of one normal form -> exited: 2
ﬁ = 1
fi = 2
print(ﬁ)

# %% identifier as long as can be -> exited: 100000
exec("x" * 100_000 + " = 1")
print(max(map(len, list(globals()))))

# %% identifier of combining marks -> exited: 1
exec("a" + "\u0300" * 10_000 + " = 1")
print(1)

# %% text that turns round -> exited
if "admin" != "user‮ ⁦# check admin⁩ ⁦":
    print("‮ reversed")

# %% spaces of other kinds -> failed: SyntaxError
x = 1

# %% zero width -> failed: SyntaxError
pri​nt(1)

# %% digits of other scripts -> exited: 123
print(int("١٢٣"))

# %% fraction of a character -> failed: ValueError
int("½")

# %% mark of byte order inside -> failed: SyntaxError
x = 1
﻿y = 2

# %% normal form that grows -> memory
import unicodedata
unicodedata.normalize("NFKD", "\ufdfa" * 10**6)

# %% upper case that grows -> memory
("ŉ" * 10**7).upper()

# %% name of a character that is none -> failed: SyntaxError
exec(r"'\N{NOT A CHARACTER}'")

# %% escape that is too large -> failed: SyntaxError
exec(r"'\UFFFFFFFF'")

# %% unknown encoding -> failed: unknown encoding: martian
exec(b"# coding: martian\nprint(1)")

# %% encoding that is no text -> failed: SyntaxError
exec(b"# coding: hex\n7072696e74283129")

# %% encoding that compresses -> failed: SyntaxError
exec(b"# coding: zlib\nprint(1)")

# %% encoding that rotates -> failed: SyntaxError
exec(b"# coding: rot13\ncevag(1)")

# %% encoding that hides a line -> exited
exec(b"# coding: utf-7\n#+AAo-print(1)")

# %% encoding of escapes -> exited: hidden
exec(b"# coding: unicode_escape\nx = 1\\x0aprint('hidden')")

# %% two encodings -> failed: SyntaxError: encoding problem: iso-8859-1 with BOM
exec(b"\xef\xbb\xbf# coding: latin-1\nprint(1)")

# %% every encoding -> exited
import encodings.aliases
for name in sorted(set(encodings.aliases.aliases.values())):
    for data in (bytes(range(256)), b"\xff\xfe" * 99, b"+AAA-" * 99):
        try: data.decode(name, "replace")
        except Exception: pass

# %% domain name -> failed: UnicodeEncodeError
("a" * 10**3 + "ü").encode("idna")

# %% decoder in pieces -> failed: UnicodeDecodeError
import codecs
d = codecs.getincrementaldecoder("utf-8")()
d.setstate((b"\xf0\x9f" * 1000, 2**60))
d.decode(b"\x98")

# %% argument as it came -> exited: an argument
import sys
print(sys.argv[1])

# %% translation of everything -> exited
("x" * 50_000).translate({120: "y" * 100})

# %% template of a class -> failed: TypeError: 'str' object is not callable
"{0.__class__.__mro__[1].__subclasses__}".format(1)()
