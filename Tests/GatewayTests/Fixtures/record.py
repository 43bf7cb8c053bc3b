#!/usr/bin/env python3
"""Record what Py4J's own Java gateway replies, for GatewayTests to hold ours against.

    record.py PY4J_JAR > java.transcript        needs `java`

A line `> ` is sent with its escapes undone (`\\n` separates the lines of a command), a line `< ` is
the reply. Of a stack trace only the first line is kept: what follows is Java's own code. A line
`# ` starts a scenario, which gets a fresh gateway.
"""

import socket
import subprocess
import sys

SCENARIOS: dict[str, list[str]] = {
    "values": [
        r"i\njava.util.ArrayList\ne\n",
        *(
            rf"c\no0\nadd\n{part}\ne\n"
            for part in (
                "i1", "i-2147483648", "i2147483648", "L5", "L-9223372036854775808", "d1.5",
                "d1e100", "d-0.0", "dnan", "dInfinity", "d-inf", "bTrue", "bfalse", "n", "sabc",
                r"sa\\nb\\\\c\\rd", "s", "sé😀", "jAAEC/w==", "j", "D1.50", "D-0.00", "D1E+3",
                "D12345678901234567890.123", "D1E-7",
            )
        ),
        *(rf"c\no0\nget\ni{index}\ne\n" for index in range(25)),
        r"c\no0\nsize\ne\n",
    ],
    "lists": [
        r"i\njava.util.ArrayList\ne\n",
        *(rf"c\no0\nadd\ns{text}\ne\n" for text in ("b", "a", "c", "a")),
        r"l\ns\no0\ne\n",
        r"c\no0\ntoString\ne\n",
        r"l\nr\no0\ne\n",
        r"c\no0\ntoString\ne\n",
        r"l\nl\no0\ni1\ni2\ne\n",
        r"c\no1\ntoString\ne\n",
        r"l\na\no0\no1\ne\n",
        r"c\no2\nsize\ne\n",
        r"l\nm\no1\ni3\ne\n",
        r"c\no3\nsize\ne\n",
        r"l\nm\no1\ni-1\ne\n",
        r"c\no4\nsize\ne\n",
        r"l\ni\no1\ni2\ne\n",
        r"c\no1\nsize\ne\n",
        r"l\ni\no1\ni0\ne\n",
        r"c\no1\nsize\ne\n",
        r"l\nf\no0\nsa\ne\n",
        r"l\nx\no0\ne\n",
        r"l\nn\no0\ne\n",
        r"c\no0\nremove\ni0\ne\n",
        r"c\no0\nremove\nsa\ne\n",
        r"c\no0\nremove\nszz\ne\n",
        r"c\no0\nset\ni0\nsq\ne\n",
        r"c\no0\nadd\ni0\nsw\ne\n",
        r"c\no0\nindexOf\nsq\ne\n",
        r"c\no0\ncontains\nsq\ne\n",
        r"c\no0\nhashCode\ne\n",
        r"c\no0\nsubList\ni0\ni1\ne\n",
        r"c\no0\nequals\nro0\ne\n",
        r"c\no0\nequals\nsx\ne\n",
        r"c\no0\nclear\ne\n",
        r"c\no0\nisEmpty\ne\n",
        r"c\no0\niterator\ne\n",
        r"c\no6\nhasNext\ne\n",
        r"c\no6\nnext\ne\n",
        r"c\no0\nget\ni7\ne\n",
    ],
    "maps and sets": [
        r"i\njava.util.HashMap\ne\n",
        r"c\no0\nput\nsa\ni1\ne\n",
        r"c\no0\nput\nsa\ni2\ne\n",
        r"c\no0\nget\nsa\ne\n",
        r"c\no0\nget\nsb\ne\n",
        r"c\no0\ncontainsKey\nsa\ne\n",
        r"c\no0\ntoString\ne\n",
        r"c\no0\nhashCode\ne\n",
        r"c\no0\nkeySet\ne\n",
        r"c\no1\niterator\ne\n",
        r"c\no2\nnext\ne\n",
        r"c\no0\nvalues\ne\n",
        r"c\no0\nremove\nsa\ne\n",
        r"c\no0\nremove\nsa\ne\n",
        r"c\no1\nsize\ne\n",
        r"i\njava.util.HashSet\ne\n",
        r"c\no4\nadd\ni1\ne\n",
        r"c\no4\nadd\ni1\ne\n",
        r"c\no4\nadd\nL1\ne\n",
        r"c\no4\nsize\ne\n",
        r"c\no4\nremove\nL1\ne\n",
        r"c\no4\ncontains\nL1\ne\n",
        r"i\njava.util.TreeSet\ne\n",
        r"c\no5\nadd\nsb\ne\n",
        r"c\no5\nadd\nsa\ne\n",
        r"c\no5\ntoString\ne\n",
        r"c\no5\nfirst\ne\n",
    ],
    "arrays": [
        r"a\nc\nsint\ni3\ne\n",
        r"a\ns\no0\ni1\ni42\ne\n",
        r"a\ng\no0\ni1\ne\n",
        r"a\ng\no0\ni0\ne\n",
        r"a\ne\no0\ne\n",
        r"a\nl\no0\ni1\ni2\ne\n",
        r"a\ne\no1\ne\n",
        r"a\nc\nsjava.lang.String\ni2\ni3\ne\n",
        r"a\ng\no2\ni0\ne\n",
        r"a\ne\no3\ne\n",
        r"a\ng\no3\ni0\ne\n",
        r"a\nc\nschar\ni1\ne\n",
        r"a\ns\no4\ni0\nsx\ne\n",
        r"a\ng\no4\ni0\ne\n",
        r"a\nc\nsfloat\ni1\ne\n",
        r"a\ns\no5\ni0\nd2.5\ne\n",
        r"a\ng\no5\ni0\ne\n",
        r"a\nc\nsbyte\ni2\ne\n",
        r"a\nc\nslong\ni1\ne\n",
        r"a\ns\no6\ni0\ni7\ne\n",
        r"a\ng\no6\ni0\ne\n",
    ],
    "reflection": [
        r"r\nu\njava\nrj\ne\n",
        r"r\nu\njava.util\nrj\ne\n",
        r"r\nu\njava.util.ArrayList\nrj\ne\n",
        r"r\nu\nString\nrj\ne\n",
        r"r\nu\nint\nrj\ne\n",
        r"r\nu\nnoSuchThing\nrj\ne\n",
        r"r\nm\njava.lang.Integer\nMAX_VALUE\ne\n",
        r"r\nm\njava.lang.Integer\nparseInt\ne\n",
        r"r\nm\njava.lang.Integer\nlongValue2\ne\n",
        r"r\nm\njava.util.Map\nEntry\ne\n",
        r"r\nm\njava.util.ArrayList\nsize\ne\n",
        r"r\nm\nno.such.Type\nx\ne\n",
        r"r\nc\njava.util.ArrayList\ne\n",
        r"c\no0\ngetName\ne\n",
        r"c\no0\ngetSimpleName\ne\n",
        r"c\no0\ntoString\ne\n",
        r"r\nc\nno.such.Type\ne\n",
        r"r\nu\nArrayList\nrj\ne\n",
        r"j\ni\nrj\njava.util.*\ne\n",
        r"r\nu\nArrayList\nrj\ne\n",
        r"j\ni\nrj\njava.util.concurrent.TimeoutException\ne\n",
        r"d\nv\nrj\nn\ne\n",
        r"d\nv\nrj\ns2\ne\n",
        r"j\nr\nrj\njava.util.*\ne\n",
        r"r\nu\nArrayList\nrj\ne\n",
        r"j\nc\nsmine\ne\n",
        r"r\nu\nTimeoutException\nro1\ne\n",
        r"j\ni\nro1\njava.util.HashSet\ne\n",
        r"r\nu\nHashSet\nro1\ne\n",
        r"d\nv\nro1\nn\ne\n",
        r"j\nr\nro1\njava.util.HashSet\ne\n",
        r"j\nr\nro1\njava.util.HashSet\ne\n",
    ],
    "calls": [
        r"c\nz:java.lang.Math\nabs\ni-4\ne\n",
        r"c\nz:java.lang.Math\nabs\nL-4\ne\n",
        r"c\nz:java.lang.Math\nabs\nd-4.5\ne\n",
        r"c\nz:java.lang.Math\nmax\ni1\nL2\ne\n",
        r"c\nz:java.lang.String\nvalueOf\ni123\ne\n",
        r"c\nz:java.lang.Integer\nparseInt\nsff\ni16\ne\n",
        r"c\nz:java.lang.Double\nparseDouble\ns1e3\ne\n",
        r"c\nz:java.lang.Boolean\nparseBoolean\nsTRUE\ne\n",
        r"i\njava.lang.StringBuilder\nsab\ne\n",
        r"c\no0\nappend\ni1\ne\n",
        r"c\no0\nappend\nd1.0\ne\n",
        r"c\no0\nappend\nbTrue\ne\n",
        r"c\no0\nappend\nn\ne\n",
        r"c\no0\ntoString\ne\n",
        r"c\no0\nlength\ne\n",
        r"i\njava.lang.Object\ne\n",
        r"i\njava.lang.Integer\nsx\ne\n",
        r"c\nGATEWAY_SERVER\ngetConnectTimeout\ne\n",
    ],
    "errors": [
        r"c\nz:java.lang.Integer\nvalueOf\nsallo\ne\n",
        r"c\no0\ngetMessage\ne\n",
        r"c\no0\ngetClass\ne\n",
        r"c\no1\ngetName\ne\n",
        r"c\no0\ngetCause\ne\n",
        r"c\no0\ntoString\ne\n",
        r"p\nro0\ne\n",
        r"m\nd\no0\ne\n",
        r"c\no0\ngetMessage\ne\n",
        r"c\no99\nfoo\ne\n",
        r"c\nz:no.such.Type\nfoo\ne\n",
        r"c\nz:java.lang.Integer\nnope\ni1\nsx\nn\ne\n",
        r"i\nno.such.Type\ne\n",
        r"i\njava.lang.Integer\ne\n",
        r"i\njava.lang.IllegalStateException\nsinner\ne\n",
        r"i\njava.lang.RuntimeException\nsouter\nro2\ne\n",
        r"c\no3\ngetCause\ne\n",
        r"c\no4\ngetMessage\ne\n",
        r"m\nd\no0\ne\n",
        r"m\nq\no0\ne\n",
        r"f\ng\no3\nx\ne\n",
    ],
    "fatal: number": [r"c\nz:java.lang.Math\nabs\ni3000000000000000000000000000000000\ne\n"],
    "fatal: command": [r"Q\ne\n"],
    "dir": [
        r"i\njava.util.concurrent.TimeoutException\ne\n",
        r"d\nf\no0\ne\n",
    ],
}


def play(port: int, commands: list[str]) -> None:
    for command in commands:
        text = command.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
        # A connection for each: after a fatal error Java closes it.
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(text.encode())
            reply = connection.makefile("rb").readline().decode().rstrip("\n")
        head, separator, _ = reply.partition("\\n\tat ")
        print(">", command)
        print("<", head + ("…" if separator else ""))


def main() -> None:
    for name, commands in SCENARIOS.items():
        java = subprocess.Popen(
            ["java", "-cp", sys.argv[1], "py4j.GatewayServer", "0"], stdout=subprocess.PIPE
        )
        try:
            assert java.stdout
            print("#", name)
            play(int(java.stdout.readline()), commands)
        finally:
            java.kill()
            java.wait()


if __name__ == "__main__":
    main()
