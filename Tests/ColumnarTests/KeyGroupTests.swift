import Testing

@testable import Columnar

@Suite("Key groups and hash codes")
struct KeyGroupTests {
    static let keys: [String: (type: String, value: Value)] = [
        "null": ("INT", nil), "true": ("BOOLEAN", true), "false": ("BOOLEAN", false),
        "byte": ("TINYINT", -3), "short": ("SMALLINT", -300), "int": ("INT", -123_456),
        "int max": ("INT", 2_147_483_647), "long": ("BIGINT", -1_234_567_890_123),
        "long small": ("BIGINT", 42), "float": ("FLOAT", 1.5),
        "float nan": ("FLOAT", .float(-.nan)), "float -0": ("FLOAT", -0.0),
        "double": ("DOUBLE", 3.14159), "double nan": ("DOUBLE", .double(.nan)),
        "double -0": ("DOUBLE", -0.0), "char": ("CHAR(1)", "x"), "string empty": ("STRING", ""),
        "string": ("STRING", "hello"),
        "string long": ("STRING", "the quick brown fox jumps over the lazy dog, twice"),
        "string unicode": ("STRING", "0123456789é漢字😀 and more ascii after it"),
        "bytes": ("BYTES", .bytes([1, 0xFE, 3])), "bytes empty": ("PICKLED", .bytes([])),
        "big integer": ("BIG_INTEGER", "-123456789012345678901234567890"),
        "big integer small": ("BIG_INTEGER", "7"), "big integer 0": ("BIG_INTEGER", "0"),
        "big integer 2^32": ("BIG_INTEGER", "4294967296"),
        "big decimal": ("BIG_DECIMAL", "-12345678901234567890.0123456789"),
        "big decimal small": ("BIG_DECIMAL", "1.50"),
        "decimal": ("DECIMAL(20, 2)", .wide(12_345_678_901_234_567_825)),
        "decimal negative": ("DECIMAL(3, 2)", .wide(-1)),
        "decimal wide": (
            "DECIMAL(38, 0)", .wide(99_999_999_999_999_999_999_999_999_999_999_999_999)
        ),
        "date": ("DATE", 19782), "date old": ("DATE", -1), "time": ("TIME(3)", 45_296_789),
        "timestamp": ("TIMESTAMP(3)", 1_709_210_096_789),
        "timestamp us": ("TIMESTAMP(6)", -310_476_303_210_877),
        "instant": ("TIMESTAMP_LTZ(9)", 1_709_210_096_789_123_456),
        "instant old": ("INSTANT", .wide(-2_203_932_303_999_999_999)),
        "instant far": ("INSTANT", .wide(31_556_889_864_403_199_999_999_999)),
        "period": ("INTERVAL YEAR TO MONTH", -38),
        "duration": ("INTERVAL DAY TO SECOND", -1_234_567),
        "list": ("LIST<INT>", [1, nil, 3]), "list of lists": ("LIST<LIST<STRING>>", [["a"], []]),
        "object array": ("ARRAY<INT>", [1, nil, 3]),
        "string array": ("ARRAY<STRING>", ["a", "bc"]),
        "primitive array": ("ARRAY<INT NOT NULL>", [1, 2, 3]),
        "double array": ("ARRAY<DOUBLE NOT NULL>", [1.5, 2.5]),
        "map": ("MAP<STRING, BIGINT>", .map([.init("a", 1), .init("b", nil)])),
        "row": ("ROW<a INT, b STRING, c INT>", [1, "a", nil]),
        "row of row": ("ROW<a ROW<b BIGINT>, c LIST<BIGINT>>", [[1], [2]]),
        "row empty": ("ROW<>", .row([])), "tuple": ("TUPLE<STRING, INT>", ["a", 7]),
        "tuple of tuple": ("TUPLE<TUPLE<DOUBLE>, BOOLEAN>", [[1.5], false]),
        "tuple empty": ("TUPLE<>", .row([])),
        "row of tuple": ("ROW<a TUPLE<STRING, INT>>", [["a", 7]]),
    ]

    @Test("Keys hash and are assigned as in Flink")
    func golden() throws {
        var seen = 0
        for line in Golden.lines("keys.tsv") where line.count == 5 {
            guard let key = Self.keys[line[0]] else {
                Issue.record("no case for \(line[0])")
                continue
            }
            seen += 1
            let type = try DataType(parsing: key.type)
            // Among others, and not at the start of the buffers.
            let column = Column([key.value, nil, key.value, key.value], type: type).slice(1..<4)
            let row = "\(line[0])"
            #expect(column.keyHashCodes()[1] == Int32(line[3]), "\(row)")
            #expect(column.keyHashCodes()[0] == 31, "\(row)")
            if line[4] != "-" { #expect(column.hashCodes()[2] == Int32(line[4]), "\(row)") }
            #expect(column.keyGroups(maxParallelism: 128)[1] == Int32(line[1]), "\(row)")
            #expect(column.keyGroups(maxParallelism: 100)[2] == Int32(line[2]), "\(row)")
            let channels = column.channels(maxParallelism: 100, parallelism: 7)
            #expect(channels[1] == Int32(line[2])! * 7 / 100, "\(row)")
        }
        #expect(seen == Self.keys.count)
    }

    @Test("Ranges and the default number of key groups are Flink's")
    func ranges() {
        for line in Golden.lines("keys.tsv") {
            let numbers = line.dropFirst().compactMap { Int($0) }
            if line[0] == "default max" {
                #expect(KeyGroup.defaultMaxParallelism(parallelism: numbers[0]) == numbers[1])
            } else if line[0] == "range" {
                let range = KeyGroup.range(
                    operatorIndex: numbers[2], maxParallelism: numbers[0], parallelism: numbers[1])
                #expect(range == numbers[3]..<numbers[4] + 1)
            }
        }
    }

    @Test("Ranges and operator indices agree", arguments: [1, 2, 3, 7, 100, 128])
    func agreement(parallelism: Int) {
        for index in 0..<parallelism {
            let range = KeyGroup.range(
                operatorIndex: index, maxParallelism: 128, parallelism: parallelism)
            for group in range {
                let owner = KeyGroup.operatorIndex(
                    keyGroup: Int32(group), maxParallelism: 128, parallelism: parallelism)
                #expect(owner == Int32(index))
            }
        }
    }

    @Test("All types hash, and equal values hash alike", arguments: sampleTypes)
    func consistency(type: DataType) {
        var random = SplitMix64(seed: 31)
        let column = Column.random(type, count: 100, using: &random)
        let copy = Column.concatenate([column.slice(0..<50), column.slice(50..<100)])
        #expect(column.hashCodes() == copy.hashCodes())
        #expect(column.keyHashCodes() == copy.keyHashCodes())
    }
}
