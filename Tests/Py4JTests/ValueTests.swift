import Testing

@testable import Py4J

@Suite struct ValueTests {
    @Test(arguments: WireFixtures.values)
    func survivesTheWire(_ value: WireValue) throws {
        var writer = WireWriter()
        value.write(to: &writer)
        #expect(!writer.bytes.contains(Wire.newline))
        #expect(try writer.bytes.withUnsafeBytes { try WireValue.parse($0) } == value)
    }

    @Test func notANumberSurvivesTheWire() throws {
        guard case .double(let number) = try WireFixtures.value("dNaN") else {
            Issue.record("no double")
            return
        }
        #expect(number.isNaN)
        #expect(try WireFixtures.value("dinf") == .double(.infinity))
        #expect(try WireFixtures.value("d-inf") == .double(-.infinity))
    }

    @Test func anIntThatIsTooLargeIsALong() throws {
        #expect(try WireFixtures.value("i2147483647") == .int32(.max))
        #expect(try WireFixtures.value("i2147483648") == .int64(2_147_483_648))
        #expect(try WireFixtures.value("i+5") == .int32(5))
        #expect(try WireFixtures.value("i-9223372036854775808") == .int64(.min))
    }

    @Test(arguments: [
        "i", "i-", "ix", "i1.5", "i 1", "i9223372036854775808", "L", "L-9223372036854775809",
        "d", "dx", "d0x1p3", "d1d", "D", "DNaN", "D1E", "D1.2.3", "D1E99999999999",
    ])
    func refusesWhatIsNoNumber(_ text: String) {
        #expect { try WireFixtures.value(text) } throws: { ($0 as? WireError)?.code == .number }
    }

    @Test(arguments: [
        "", "e", "q1", "r", "r ", "jA", "jA===", "jAB=C", "j????", "f", "fp0", "f;a.B",
    ])
    func refusesWhatIsNoValue(_ text: String) {
        #expect { try WireFixtures.value(text) } throws: { ($0 as? WireError)?.code == .value }
    }

    @Test func readsBooleansAsJavaDoes() throws {
        #expect(try WireFixtures.value("bTrue") == .bool(true))
        #expect(try WireFixtures.value("bTRUE") == .bool(true))
        #expect(try WireFixtures.value("bfalse") == .bool(false))
        #expect(try WireFixtures.value("byes") == .bool(false))
    }

    @Test func strayEscapesDisappearAsInJava() {
        #expect(Escaping.unescape(#"a\qb\"#) == "aqb")
        #expect(Escaping.unescape(#"\\n"#) == #"\n"#)
        #expect(Escaping.escape("a\\\r\n") == #"a\\\r\n"#)
    }

    @Test func bytesThatAreNotUTF8AreReplaced() throws {
        let part: [UInt8] = [Wire.Tag.string, 0xFF, 0x61]
        let value = try part.withUnsafeBytes { try WireValue.parse($0) }
        #expect(value == .string("\u{FFFD}a"))
    }

    /// The vectors of RFC 4648.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func base64(_ plain: String, _ encoded: String) {
        var output: [UInt8] = []
        Base64.encode(Array(plain.utf8), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == encoded)
        #expect(output.withUnsafeBytes { Base64.decode($0) } == Array(plain.utf8))
    }

    /// What `BigDecimal.toPlainString` prints.
    @Test(arguments: [
        ("1", "1"), ("+1", "1"), ("-1.50", "-1.50"), ("007.5", "7.5"), (".5", "0.5"),
        ("5.", "5"), ("1E+3", "1000"), ("1e-7", "0.0000001"), ("12.34E1", "123.4"), ("0", "0"),
        ("-0", "0"), ("-0.00", "0.00"), ("0E+5", "0"), ("1.0E3", "1000"), ("-12E-1", "-1.2"),
    ])
    func decimalsArePlain(_ text: String, _ plain: String) {
        #expect(PlainDecimal.normalize(text) == plain)
    }

    @Test func aShortDecimalStaysShort() throws {
        for text in ["1E+999999999", "1E-999999999", "-1.5E2147483647"] {
            let plain = try #require(PlainDecimal.normalize(text))
            #expect(plain.utf8.count < 64)
        }
    }

    /// What `Double.toString` prints.
    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (1.5, "1.5"), (0.1, "0.1"),
        (0.001, "0.001"), (0.00099, "9.9E-4"), (9_999_999.0, "9999999.0"),
        (10_000_000.0, "1.0E7"), (1e10, "1.0E10"), (1e100, "1.0E100"), (123456.789, "123456.789"),
        (1.0e-5, "1.0E-5"), (.leastNonzeroMagnitude, "4.9E-324"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (12345678.9, "1.23456789E7"), (100.0, "100.0"), (.infinity, "Infinity"),
        (-.infinity, "-Infinity"), (.nan, "NaN"),
    ])
    func doublesReadAsInJava(_ value: Double, _ text: String) {
        // The smallest of all is the one that Java prints with a digit that it does not need.
        #expect(JavaNumberFormat.string(value) == (text == "4.9E-324" ? "5.0E-324" : text))
    }

    @Test func floatsHaveDigitsOfTheirOwn() {
        #expect(JavaNumberFormat.string(Float(2.2)) == "2.2")
        #expect(JavaNumberFormat.string(Float(1e10)) == "1.0E10")
    }
}
