#!/bin/sh
# Writes the golden files anew. Needs a JDK and a Python environment with apache-flink:
#   PYTHON=/path/to/venv/bin/python Tests/ColumnarTests/Golden/generate.sh
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
FLINK=$("$PYTHON" -c 'import pyflink, os; print(os.path.dirname(pyflink.__file__))')
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
export CLASSPATH="$OUT:$FLINK/lib/*" TZ=UTC
javac -encoding UTF-8 -d "$OUT" KeyGolden.java
java -Dfile.encoding=UTF-8 -Duser.timezone=UTC KeyGolden > keys.tsv
javac -encoding UTF-8 -d "$OUT" TextGolden.java
java -Dfile.encoding=UTF-8 -Duser.timezone=UTC TextGolden > text.tsv
"$PYTHON" print_golden.py | sed -E 's/> ERROR.*/> ERROR/; s/@[0-9a-f]+$/@/' > print.txt
