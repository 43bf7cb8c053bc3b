import Columnar
import Testing

@Suite("Types as text")
struct DataTypeTextTests {
    @Test(
        "What Flink's asSerializableString() writes comes back unchanged",
        arguments: [
            "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT NOT NULL", "FLOAT", "DOUBLE",
            "DECIMAL(38, 18)", "BIG_INTEGER", "BIG_DECIMAL", "CHAR(3)", "VARCHAR(2147483647)",
            "BINARY(4)", "VARBINARY(2147483647)", "PICKLED", "RAW('a.B', 'x''y')", "DATE",
            "TIME(0)", "TIMESTAMP(6)", "TIMESTAMP_LTZ(3) NOT NULL", "INSTANT",
            "INTERVAL YEAR(2) TO MONTH", "INTERVAL DAY(2) TO SECOND(6)", "ARRAY<INT NOT NULL>",
            "LIST<VARCHAR(1)>", "MAP<INT, ARRAY<DOUBLE>>", "MULTISET<INT>", "NULL", "ROW<>",
            "ROW<`a` INT, `b c` ROW<`d` DATE> NOT NULL 'it''s'>", "TUPLE<INT, TUPLE<>>",
            "ROW<`a``b` INT>",
        ])
    func roundTrip(text: String) throws {
        let type = try DataType(parsing: text)
        #expect(type.description == text)
        #expect(try DataType(parsing: type.description) == type)
    }

    @Test(
        "Synonyms and defaults",
        arguments: [
            ("string", "VARCHAR(2147483647)"), ("bytes", "VARBINARY(2147483647)"),
            ("integer not null", "INT NOT NULL"), ("dec(5)", "DECIMAL(5, 0)"),
            ("NUMERIC", "DECIMAL(10, 0)"), ("double precision", "DOUBLE"),
            ("CHARACTER VARYING(7)", "VARCHAR(7)"), ("BINARY VARYING(7)", "VARBINARY(7)"),
            ("CHAR", "CHAR(1)"), ("TIME", "TIME(0)"), ("TIMESTAMP", "TIMESTAMP(6)"),
            ("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)"),
            ("TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP(6)"), ("INT NULL", "INT"),
            ("INT NOT NULL ARRAY NOT NULL", "ARRAY<INT NOT NULL> NOT NULL"),
            ("INT MULTISET", "MULTISET<INT>"), ("ROW(a INT, b STRING)", nil),
            ("ROW<timestamp TIMESTAMP(3), é INT>", "ROW<`timestamp` TIMESTAMP(3), `é` INT>"),
            ("INTERVAL HOUR TO MINUTE", "INTERVAL DAY(2) TO SECOND(6)"),
            ("INTERVAL SECOND(3)", "INTERVAL DAY(2) TO SECOND(3)"),
            ("INTERVAL MONTH", "INTERVAL YEAR(2) TO MONTH"),
            ("  MAP < INT , BIGINT >  ", "MAP<INT, BIGINT>"),
        ] as [(String, String?)])
    func synonym(text: String, expected: String?) throws {
        let type = try DataType(parsing: text)
        #expect(type.description == expected ?? "ROW<`a` INT, `b` VARCHAR(2147483647)>")
    }

    @Test(
        "Errors name the place",
        arguments: [
            ("", 0, "expected a type"), ("ROW<a FOO>", 6, "unknown type FOO"),
            ("DECIMAL(39, 1)", 8, "the precision of a decimal must be between 1 and 38"),
            ("DECIMAL(5, 6)", 11, "the scale of a decimal must be between 0 and 5"),
            ("ARRAY<INT", 9, "expected '>'"), ("INT INT", 4, "unexpected text after the type"),
            ("CHAR(0)", 5, "the length must be between 1 and 2147483647"),
            ("VARCHAR(99999999999999999999)", 8, "the length must be between 1 and 2147483647"),
            ("RAW('a", 4, "a quote is not closed"), ("ROW<INT>", 7, "expected a type"),
            ("INT NOT", 7, "expected NULL"), ("MAP<INT>", 7, "expected ','"),
            ("INTERVAL MONTH TO DAY", 18, "expected a smaller unit of time after TO"),
        ])
    func failure(text: String, position: Int, message: String) {
        let error = #expect(throws: TypeSyntaxError.self) { try DataType(parsing: text) }
        #expect(error?.position == position)
        #expect(error?.message == message)
    }

    @Test("Nesting is bounded, however it is written")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "ARRAY<", count: levels) + "INT"
                + String(repeating: ">", count: levels)
        }
        #expect(throws: Never.self) { try DataType(parsing: nested(63)) }
        #expect(throws: TypeSyntaxError.self) { try DataType(parsing: nested(64)) }
        #expect(throws: TypeSyntaxError.self) { try DataType(parsing: nested(100_000)) }
        let postfix = String(repeating: " ARRAY", count: 100_000)
        #expect(throws: TypeSyntaxError.self) { try DataType(parsing: "INT" + postfix) }
        #expect(throws: TypeSyntaxError.self) {
            try DataType(parsing: nested(40) + String(repeating: " ARRAY", count: 40))
        }
    }

    @Test("Mangled text never crashes, and what parses prints and parses again")
    func fuzz() throws {
        var random = SplitMix64(seed: 1)
        let seeds = [
            "ROW<`a` DECIMAL(38, 18) NOT NULL 'x''y', b MAP<STRING, ARRAY<TIMESTAMP_LTZ(3)>>>",
            "TUPLE<RAW('a', 'b'), INTERVAL DAY(2) TO SECOND(3), MULTISET<CHAR(3)> NOT NULL>",
        ]
        for _ in 0..<4000 {
            var bytes = Array(seeds.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = UInt8.random(in: 0x20...0x7E, using: &random)
                default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let type = try? DataType(parsing: text) {
                #expect(try DataType(parsing: type.description) == type)
            }
        }
    }
}
