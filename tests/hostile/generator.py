"""Random programs: from a small grammar, and ones that run damaged code."""

from hypothesis import strategies as st

# Each program starts with these, so that not every line ends as a NameError.
PREAMBLE = """
import builtins, gc, io, marshal, operator, os, pickle, sys, types, weakref
sys.setrecursionlimit(200)
class C:
    x = 1
    def f(self, *a, **k): return self
def g(n=3): yield from range(n)
a, b, c, d, e = C(), [1, 2], {"x": 1}, "text", g()
"""


def _one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


NAMES = _one_of("""
    a b c d e a b c d e C g int str list dict set tuple type object bytes bytearray memoryview
    super property slice range map zip iter next len repr hash sorted sum isinstance getattr setattr
    delattr vars dir id globals locals exec eval compile open print input __import__ BaseException
    MemoryError RecursionError SystemExit ExceptionGroup None True NotImplemented __builtins__
    builtins gc io marshal operator os pickle sys types weakref
""")
ATTRIBUTES = _one_of("""
    __class__ __dict__ __bases__ __mro__ __subclasses__ __init__ __new__ __del__ __call__ __code__
    __globals__ __closure__ __defaults__ __getattribute__ __setattr__ __reduce_ex__ __slots__
    __init_subclass__ __class_getitem__ __next__ __iter__ __len__ __hash__ __eq__ __add__ __index__
    __enter__ __exit__ __traceback__ __context__ __annotations__ __wrapped__ __self__ __func__
    __weakref__ gi_frame f_back f_globals f_locals f_code f_builtins tb_frame tb_next co_consts
    replace append pop clear update format send throw close cast join write flush stdout stderr
    modules meta_path _getframe settrace setprofile addaudithook excepthook exit get_objects
    get_referents get_referrers collect freeze unfreeze loads dumps BytesIO FileIO BufferedReader
    FunctionType CodeType ref proxy listdir fstat read dup attrgetter x f
""")
MODULES = _one_of("""
    os sys posix io _io gc ctypes _ctypes socket _socket subprocess threading _thread signal mmap
    fcntl resource inspect ast dis code codeop pdb faulthandler marshal pickle sqlite3 zipimport
    importlib _imp multiprocessing asyncio app program library substitutes wit_world driver
    componentize_py_runtime componentize_py_types _testcapi _interpreters tempfile pty
""")
LITERALS = st.integers(-5, 300).map(str) | _one_of(r"""
    2**31 2**64 10**5 1.5 1e999 3j None ... '' '\ud800' '\0' b'' b'\xff' [] () {} {1} 'x'*10**6
    [0]*10**5 (1,)*999
""")
ARITHMETIC = _one_of("+ - * // % ** << >> & | ^ @")


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return what can be made of expressions."""
    return st.one_of(
        st.builds("({}).{}".format, inner, ATTRIBUTES),
        st.builds("({})({})".format, inner, st.lists(inner, max_size=3).map(", ".join)),
        st.builds("({})(*{}, **{})".format, inner, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("({} {} {})".format, inner, ARITHMETIC | _one_of("== < in is and or"), inner),
        st.builds("[{} for {} in {}]".format, inner, NAMES, inner),
        st.builds("({} for a in {})".format, inner, inner),
        st.builds("(lambda *a, **k: {})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(a := {})".format, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("type('T', ({},), {})".format, inner, inner),
        st.builds("f'{{{}!r}}'".format, NAMES),
    )


EXPRESSIONS = st.recursive(NAMES | LITERALS, _larger, max_leaves=6)
TARGETS = st.one_of(
    st.sampled_from("abcde"),
    st.builds("{}.{}".format, NAMES, ATTRIBUTES),
    st.builds("{}[{}]".format, NAMES, EXPRESSIONS),
)
LINES = st.one_of(
    EXPRESSIONS,
    st.builds("{} = {}".format, TARGETS | st.just("a, *b"), EXPRESSIONS),
    st.builds("{} {}= {}".format, TARGETS, ARITHMETIC, EXPRESSIONS),
    st.builds("del {}".format, TARGETS),
    st.builds("import {} as a".format, MODULES),
    st.builds("raise {} from {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("assert {}, {}".format, EXPRESSIONS, EXPRESSIONS),
)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return statements with statements in them."""
    body = st.lists(inner, min_size=1, max_size=3).map("\n".join).map(_indented)
    return st.one_of(
        st.builds("try:\n{}except BaseException as e: a = e".format, body),
        st.builds("try:\n{}finally:\n{}".format, body, body),
        st.builds("while {}:\n{}".format, EXPRESSIONS, body),
        st.builds("for {} in {}:\n{}".format, TARGETS, EXPRESSIONS, body),
        st.builds("with {} as {}:\n{}".format, EXPRESSIONS, TARGETS, body),
        st.builds("@{}\nclass C({}):\n{}".format, NAMES, EXPRESSIONS, body),
        st.builds("class C:\n  def {}(s, *a):\n{}a = C()".format, ATTRIBUTES, body),
        st.builds("def f(*a, b={}, **c):\n{}    yield\nb = f()".format, EXPRESSIONS, body),
        st.builds("match {}:\n  case {}():\n{}".format, EXPRESSIONS, NAMES, body),
    )


def _guarded(statements: list[str]) -> bytes:
    """Return a program that goes on after each error."""
    guarded = (f"try:\n{_indented(text)}except Exception as x: c = x\n" for text in statements)
    return f"{PREAMBLE}{''.join(guarded)}print(a)".encode()


GRAMMATICAL = st.lists(st.recursive(LINES, _blocks, max_leaves=5), min_size=1, max_size=8)

DAMAGED = """
import marshal, pickle, types
def f(a, b=(1, 2), *c, **d):
    total = [x * y for x in range(5) for y in b if x]
    try:
        with open("none") as file: yield file
    except OSError as e: total.append(f"{e!r:>20}")
    finally: del b
    match a:
        case {"x": [1, *rest]}: yield from rest
        case int(): yield lambda: (a, total)
    while a:
        a -= 1
        if a in (3, 4): continue
        yield a.real, total[-1:], d | {"a": a}
def damage(data):
    data = bytearray(data)
    for place, byte in EDITS:
        data[place % len(data)] = byte
    return bytes(data)
def use(code):
    for call in (types.FunctionType(code, globals()), lambda a: exec(code)):
        try: print(list(call(5)))
        except Exception as error: print(type(error))
"""
CODE = """
code = f.__code__
use(code.replace(co_code=damage(code.co_code), co_stacksize=STACK,
                 co_consts=code.co_consts[:KEPT], co_names=code.co_names[:KEPT]))
"""
RAW_CODE = "use((lambda a: 0).__code__.replace(co_code=RAW + RAW, co_stacksize=STACK))"
MARSHAL = "use(marshal.loads(damage(marshal.dumps(f.__code__))))"
PICKLE = """
import collections, datetime, decimal
data = [{"a": 1, b"x": {1.5}}, collections.OrderedDict(), datetime.date, decimal.Decimal(1)]
print(pickle.loads(damage(pickle.dumps(data * 2, PROTOCOL))))
"""
RAW_PICKLE = "print(pickle.loads(b'\\x80\\x04' + RAW))"


def _damaged(use: str, edits: object, raw: bytes, stack: int, kept: int) -> bytes:
    values = f"EDITS, RAW, STACK, KEPT, PROTOCOL = {edits}, {raw!r}, {stack}, {kept}, {kept % 6}\n"
    return f"{values}{DAMAGED}{use}".encode()


USING_DAMAGE = st.builds(
    _damaged,
    st.sampled_from([CODE, CODE, RAW_CODE, MARSHAL, PICKLE, RAW_PICKLE]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8),
    st.binary(max_size=60),
    st.integers(0, 20),
    st.integers(0, 20),
)
TOKENS = st.sampled_from("\n\t\0\xff") | _one_of(
    "( ) [ ] { : = * , . x 1 ' f' \\ if def @ # lambda"
)
NO_PROGRAMS = st.binary(max_size=200) | st.lists(TOKENS).map(" ".join).map(str.encode)

PROGRAMS = st.one_of(
    GRAMMATICAL.map(_guarded), GRAMMATICAL.map(_guarded), USING_DAMAGE, USING_DAMAGE, NO_PROGRAMS
)
