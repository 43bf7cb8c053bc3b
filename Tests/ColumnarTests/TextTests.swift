import Testing

@testable import Columnar

@Suite("Values as Flink prints them")
struct TextTests {
    private func text(_ column: Column, _ index: Int = 0, _ style: TextStyle = .java) -> String {
        var out: [UInt8] = []
        column.appendText(index, to: &out, style: style)
        return String(decoding: out, as: UTF8.self)
    }

    /// The type and the style of a kind in `text.tsv`.
    private static let kinds: [String: (type: String, style: TextStyle)] = [
        "date": ("DATE", .java), "local date": ("DATE", .javaTime),
        "time": ("TIME(3)", .java), "local time": ("TIME(3)", .javaTime),
        "timestamp 3": ("TIMESTAMP(3)", .java), "local timestamp 3": ("TIMESTAMP(3)", .javaTime),
        "timestamp 9": ("TIMESTAMP(9)", .java), "local timestamp 9": ("TIMESTAMP(9)", .javaTime),
        "instant 3": ("TIMESTAMP_LTZ(3)", .java), "instant 9": ("TIMESTAMP_LTZ(9)", .javaTime),
        "instant": ("INSTANT", .java), "duration": ("INTERVAL DAY TO SECOND", .java),
        "period": ("INTERVAL YEAR TO MONTH", .java), "plain": ("BIG_DECIMAL", .java),
    ]

    private func column(_ kind: String, _ value: String) throws -> (Column, TextStyle) {
        if kind == "double" {
            return (Column([Double(bitPattern: UInt64(value)!)], type: .double), .java)
        }
        if kind == "float" {
            return (Column([Float(bitPattern: UInt32(value)!)], type: .float), .java)
        }
        if kind.hasPrefix("decimal") {
            let scale = Int(kind.split(separator: " ")[1])!
            return (
                Column([Int128(value)!], type: DataType(.decimal(precision: 38, scale: scale))),
                .java
            )
        }
        let (text, style) = try #require(Self.kinds[kind])
        let type = try DataType(parsing: text)
        switch type.layout {
        case .fixed(16): return (Column([Int128(value)!], type: type), style)
        case .fixed(8): return (Column([Int64(value)!], type: type), style)
        case .fixed: return (Column([Int32(value)!], type: type), style)
        default: return (Column([.string(value)], type: type), style)
        }
    }

    @Test("Numbers and times print as Java's classes do")
    func java() throws {
        let lines = Golden.lines("text.tsv")
        #expect(lines.count > 3000)
        for line in lines {
            let (column, style) = try column(line[0], line[1])
            #expect(text(column, 0, style) == line[2], "\(line[0]) \(line[1])")
        }
    }

    private static let row = "ROW<a INT, b STRING>"

    /// The values of `print_golden.py`, as they arrive here.
    private static let printed: [String: (type: String, value: Value)] = [
        "boolean": ("BOOLEAN", true), "byte": ("TINYINT", -3), "short": ("SMALLINT", -300),
        "int": ("INT", -123_456), "long": ("BIGINT", -1_234_567_890_123), "float": ("FLOAT", 1.1),
        "float big": ("FLOAT", 12_345_678.0), "double": ("DOUBLE", 0.1),
        "double small": ("DOUBLE", 0.00012), "double big": ("DOUBLE", 1e7),
        "double whole": ("DOUBLE", 100.0), "double nan": ("DOUBLE", .double(.nan)),
        "double inf": ("DOUBLE", .double(-.infinity)), "string": ("STRING", "héllo, wörld"),
        "big integer": ("BIG_INTEGER", "-123456789012345678901234567890"),
        "big decimal": ("BIG_DECIMAL", "-1234567890.0123456789"),
        "big decimal tiny": ("BIG_DECIMAL", "0.000000001"), "date": ("DATE", 18263),
        "date old": ("DATE", -719_129), "time": ("TIME(3)", 3_723_456),
        "timestamp": ("TIMESTAMP(3)", 1_577_923_200_000),
        "timestamp us": ("TIMESTAMP(3)", 1_577_934_245_123),
        "timestamp ms": ("TIMESTAMP(3)", 1_577_934_245_120),
        "instant": ("INSTANT", .wide(1_577_934_245_120_000_000)),
        "instant s": ("INSTANT", .wide(1_577_934_245_000_000_000)),
        "map": ("MAP<STRING, BIGINT>", .map([.init("k", 5)])), "row": (row, [1, "a"]),
        "row null": (row, [nil, nil]),
        "row of row": ("ROW<f0 \(row), f1 DOUBLE>", [[1, "a"], 2.5]),
        "row of bytes": ("ROW<a BYTES>", [.bytes([1, 0xFE])]),
        "row of array": ("ROW<a ARRAY<INT>>", [[1, 2]]),
        "row of map": ("ROW<a MAP<STRING, BIGINT>>", [.map([.init("k", 5)])]),
        "row of list": ("ROW<a LIST<INT>>", [[1, 2]]),
        "row of dates": (
            "ROW<a DATE, b TIME(3), c TIMESTAMP(3)>", [18263, 3_723_000, 1_577_934_245_000]
        ),
        "row of decimal": ("ROW<a BIG_DECIMAL>", ["1.50"]),
        "tuple": ("TUPLE<INT, STRING>", [1, "a"]),
        "tuple of tuple": ("TUPLE<TUPLE<DOUBLE>, BOOLEAN>", [[1.5], false]),
        "tuple of list": ("TUPLE<LIST<INT>, MAP<INT, INT>>", [[1, 2], .map([.init(3, 4)])]),
    ]

    /// What our rows hold and PyFlink's do not: the address of an array, nanoseconds of instants,
    /// and values that its own client fails to send.
    private static let notCompared: Set<String> = [
        "basic array", "primitive array", "object array", "instant ns", "char", "bytes", "list",
        "list empty",
    ]

    @Test("Values print as PyFlink prints them")
    func pyflink() throws {
        var seen = 0
        for line in Golden.lines("print.txt") {
            let parts = line[0].split(separator: ">", maxSplits: 1)
            let name = String(parts[0])
            if Self.notCompared.contains(name) { continue }
            seen += 1
            let (typeText, value) = try #require(Self.printed[name])
            let column = Column([value], type: try DataType(parsing: typeText))
            let style: TextStyle = name.hasPrefix("row") ? .python : .java
            #expect(text(column, 0, style) == parts[1].dropFirst(), "\(name)")
        }
        #expect(seen == Self.printed.count)
    }

    @Test(
        "Nested values in Java",
        arguments: [
            ("ROW<a INT, b STRING>", [1, nil], "+I[1, null]"), ("ROW<>", .row([]), "+I[]"),
            (
                "ROW<a ROW<b DATE>, c TUPLE<INT, INT>>", [[18262], [1, 2]],
                "+I[+I[2020-01-01], (1,2)]"
            ),
            ("ARRAY<BYTES>", [.bytes([1, 0xFE]), nil], "[[1, -2], null]"), ("LIST<INT>", [], "[]"),
            (
                "MAP<STRING, LIST<INT>>", .map([.init("a", [1]), .init("b", nil)]),
                "{a=[1], b=null}"
            ),
            ("MULTISET<STRING>", .map([.init("a", 2)]), "{a=2}"), ("INT", nil, "null"),
            ("NULL", nil, "null"),
        ] as [(String, Value, String)])
    func nested(type: String, value: Value, expected: String) throws {
        let column = Column([nil, value], type: try DataType(parsing: type)).slice(1..<2)
        #expect(text(column) == expected)
    }

    @Test(
        "Nested values in Python",
        arguments: [
            ("ROW<a INT, b STRING>", [1, "x'y"], "+I[1,x'y]"),
            ("TUPLE<STRING, STRING>", ["x'y", "a\"'\n\\"], "(\"x'y\", 'a\"\\'\\n\\\\')"),
            (
                "TUPLE<STRING>", ["é漢\u{200B}\u{7F}\u{A0}\u{E0001}"],
                "('é漢\\u200b\\x7f\\xa0\\U000e0001',)"
            ),
            (
                "LIST<DOUBLE>", [1.0, 1e16, 1e-5, 0.0001, 123_456_789_012_345.0],
                "[1.0, 1e+16, 1e-05, 0.0001, 123456789012345.0]"
            ),
            ("ROW<a FLOAT>", [1.1], "+I[1.100000023841858]"),
            ("LIST<DATE>", [18262], "[datetime.date(2020, 1, 1)]"),
            ("LIST<TIME(3)>", [0, 1500], "[datetime.time(0, 0), datetime.time(0, 0, 1, 500000)]"),
            ("LIST<TIMESTAMP(3)>", [0], "[datetime.datetime(1970, 1, 1, 0, 0)]"),
            ("TIMESTAMP(6)", 1_500_000, "1970-01-01 00:00:01.500000"),
            ("INTERVAL DAY TO SECOND", 90_061_500, "1 day, 1:01:01.500000"),
            (
                "LIST<INTERVAL DAY TO SECOND>", [-1, 0],
                "[datetime.timedelta(days=-1, seconds=86399, microseconds=999000), datetime.timedelta(0)]"
            ),
            ("LIST<DECIMAL(5, 2)>", [.wide(150)], "[Decimal('1.50')]"),
            ("LIST<BIG_INTEGER>", ["12"], "[12]"),
            ("BYTES", .bytes([0x27, 0, 0x41]), "b\"'\\x00A\""),
            ("MAP<STRING, BOOLEAN>", .map([.init("a", true)]), "{'a': True}"),
            ("INSTANT", .wide(1_000_000_002), "Instant<1, 2>"), ("INT", nil, "None"),
        ] as [(String, Value, String)])
    func python(type: String, value: Value, expected: String) throws {
        let column = Column([value], type: try DataType(parsing: type))
        #expect(text(column, 0, .python) == expected)
    }

    @Test("Lines carry the prefix and the row kind")
    func lines() throws {
        var out: [UInt8] = []
        let kinds = Column([0, 1, 2, 3] as [UInt8], type: .tinyInt.notNull())
        let numbers = Column([1, 2, 3, 4] as [Int32], type: .int)
        let names = Column(["a", nil, "c", "d"] as [Value], type: .string)
        Batch(count: 4, columns: [numbers, names], rowKinds: kinds)
            .appendLines(to: &out, prefix: Array("2> ".utf8))
        #expect(
            String(decoding: out, as: UTF8.self)
                == "2> +I[1, a]\n2> -U[2, null]\n2> +U[3, c]\n2> -D[4, d]\n")
        out = []
        Batch(numbers).slice(1..<3).appendLines(to: &out)
        #expect(String(decoding: out, as: UTF8.self) == "2\n3\n")
    }

    @Test("Anything prints, in every style, one by one and as a column", arguments: sampleTypes)
    func everything(type: DataType) {
        var random = SplitMix64(seed: 51)
        let column = Column.random(type, count: 60, using: &random)
        for style in [TextStyle.java, .javaTime, .python] {
            let texts = column.text(style: style)
            #expect(texts.allValues == (0..<60).map { .string(text(column, $0, style)) })
        }
    }

    @Test("Extreme times do not trap")
    func extremes() throws {
        for text in [
            "DATE", "TIME(3)", "TIMESTAMP(3)", "TIMESTAMP(6)", "TIMESTAMP(9)", "TIMESTAMP_LTZ(3)",
            "INTERVAL DAY TO SECOND", "INTERVAL YEAR TO MONTH", "INSTANT",
        ] {
            let type = try DataType(parsing: text)
            let column =
                switch type.layout {
                case .fixed(4): Column([Int32.min, .max], type: type)
                case .fixed(8): Column([Int64.min, .max], type: type)
                default: Column([Int128.min, .max], type: type)
                }
            for style in [TextStyle.java, .javaTime, .python] {
                #expect(column.text(style: style).count == 2)
            }
            #expect(column.hashCodes().count == 2)
        }
    }
}
