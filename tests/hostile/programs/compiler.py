# %% parentheses -> failed: too complex
exec("(" * 150 + ")" * 150)

# %% more parentheses -> failed: MemoryError
exec("(" * 10**6)

# %% lists in lists -> failed: MemoryError
exec("[" * 199 + "]" * 199)

# %% minus signs -> failed: MemoryError
eval("-" * 10**5 + "1")

# %% many more minus signs -> failed: MemoryError
eval("-" * 10**6 + "1")

# %% nots -> failed: MemoryError
eval("not " * 10**5 + "1")

# %% powers -> failed: MemoryError
eval("2" + "**2" * 10**5)

# %% sums -> failed: RecursionError
eval("1" + "+1" * 10**4)

# %% comparisons -> exited
eval("1" + "<2" * 2000)

# %% calls of calls -> failed: RecursionError
eval("f" + "()" * 10**4)

# %% attributes of attributes -> failed: RecursionError
eval("x" + ".x" * 10**5)

# %% lambdas -> failed: MemoryError
eval("lambda: " * 10**5 + "1")

# %% conditions -> failed: MemoryError
eval("1 if 1 else " * 10**5 + "1")

# %% blocks -> failed: too many levels of indentation
exec("".join(" " * i + "if 1:\n" for i in range(101)) + " " * 101 + "pass")

# %% loops in loops -> failed: too many statically nested blocks
exec("".join(" " * i + "for x in y:\n" for i in range(25)) + " " * 25 + "pass")

# %% classes in classes -> exited
exec("".join(" " * i + "class C:\n" for i in range(99)) + " " * 99 + "pass")

# %% comprehensions -> trapped
eval("[" * 60 + "x" + " for x in y]" * 60)

# %% f-strings in f-strings -> failed: MemoryError
f = "x"
for _ in range(200): f = "f'{" + f + "}'"
eval(f)

# %% large f-string -> fuel
x = 1
eval("f'" + "{x}" * 5_000 + "'")

# %% format of a format -> failed: SyntaxError: f-string: expressions nested too deeply
eval("f'{1:" + "{1:" * 100 + "}" * 100 + "}'")

# %% one large number -> failed: Exceeds the limit (4300 digits)
eval("9" * 5000)

# %% one large number in hex -> exited
eval("0x" + "f" * 10**6)

# %% folded into something large -> memory
eval("'x' * 10**9")

# %% folded number -> memory
eval("1 << 10**9")

# %% folded power -> fuel
eval("10 ** 10**8")

# %% long line -> exited
exec("x = '" + "y" * 10**6 + "'")

# %% many lines -> exited
exec("x = 1\n" * 5000)

# %% many empty lines -> exited
exec("\n" * 10**6)

# %% many names -> exited
exec("\n".join(f"x{i} = {i}" for i in range(2000)))

# %% many constants -> exited
eval("(" + ",".join(map(str, range(5000))) + ")")

# %% many arguments -> exited
exec("def f(" + ",".join(f"a{i}" for i in range(10_000)) + "): pass")

# %% many arguments of a call -> failed: TypeError
eval("int(" + "1," * 5_000 + ")")

# %% many decorators -> failed: NameError: name 'f' is not defined
exec("@f\n" * 10_000 + "def g(): pass")

# %% many targets -> failed: NameError: name 'x' is not defined
exec("a" + ",a" * 10000 + " = x")

# %% stars -> failed: multiple starred expressions
exec("*a, *b = 1")

# %% many cases -> exited
exec("match 1:\n" + "".join(f" case {i}: pass\n" for i in range(2, 5000)))

# %% nested patterns -> failed: NameError: name 'x' is not defined
exec("match x:\n case " + "[" * 150 + "]" * 150 + ": pass")

# %% types -> failed: RecursionError
exec("x: " + "int | " * 10_000 + "int")

# %% continued lines -> exited
exec("x = \\\n" * 10_000 + "1")

# %% text without end -> failed: unterminated
exec("'''" + "x" * 5000)

# %% tabs and spaces -> failed: TabError
exec("if 1:\n        x = 1\n\ty = 2")

# %% NUL in the source -> failed: null bytes
exec("x = 1\0")

# %% tree that is none -> failed: TypeError: required field "lineno" missing from stmt
import ast
compile(ast.Module([ast.Expr(ast.Constant(object()))], []), "", "exec")

# %% tree that holds itself -> failed: RecursionError
import ast
x = ast.UnaryOp(ast.USub(), None, lineno=1, col_offset=0)
x.operand = x
compile(ast.Expression(x), "", "eval")

# %% tree of lines that are none -> failed: ZeroDivisionError: division by zero
import ast
tree = ast.parse("x = 1\n1/0")
for node in ast.walk(tree):
    if hasattr(node, "lineno"): node.lineno = node.end_lineno = 2**31 - 1
exec(compile(tree, "", "exec"))

# %% tree of another name -> failed: ValueError: identifier field can't represent 'None' constant
import ast
eval(compile(ast.Expression(ast.Name("None", ast.Load(), lineno=1, col_offset=0)), "", "eval"))

# %% symbol tables -> failed: MemoryError
import symtable
symtable.symtable("(" * 200 + ")" * 200, "", "exec")

# %% tokens -> failed: TokenError: ('too many nested parentheses', (1, 201))
import io, tokenize
list(tokenize.generate_tokens(io.StringIO("(" * 10_000).readline))

# %% literal -> failed: MemoryError
import ast
ast.literal_eval("{" * 10**5)

# %% flags that don't exist -> failed: unrecognised flags
compile("1", "", "eval", 1 << 30)

# %% interactive -> failed: SyntaxError
compile("x = 1\ny = 2", "", "single")

# %% types in comments -> exited
import ast
ast.parse("x = 1 # type: " + "(" * 10_000, type_comments=True)

# %% await where it can't be -> failed: SyntaxError
exec("await x")

# %% future that is none -> failed: SyntaxError
exec("from __future__ import braces")
