extension TextPrinter {
    /// `str()` of the Python value; a row as PyFlink's `print()` shows it: `+I[1,None]`.
    func appendPython(_ index: Int, to out: inout TextBuffer, kind: RowKind = .insert) {
        if isNull(index) {
            out.append("None")
            return
        }
        switch operation {
        case .text: out.append(contentsOf: bytes(index))
        case .decimal: out.append(decimal: value(Int128.self, index), scale: Int(parameter))
        case .plainDecimal: out.append(plainDecimal: bytes(index))
        case .date:
            out.append(CivilDate(daysSinceEpoch: Int64(value(Int32.self, index))), iso: false)
        case .time: appendClock(civil(index), to: &out)
        case .timestamp, .timestampLtz:
            let time = civil(index)
            out.append(CivilDate(daysSinceEpoch: time.days), iso: false)
            out.append(UInt8(ascii: " "))
            appendClock(time, to: &out)
        case .milliseconds: appendTimedelta(value(Int64.self, index), to: &out)
        case .row:
            out.append(kind)
            out.append(UInt8(ascii: "["))
            for field in children.indices {
                if field > 0 { out.append(UInt8(ascii: ",")) }
                // A row inside shows as an object, not as a record of a stream.
                if children[field].operation == .row {
                    children[field].appendRepr(index, to: &out)
                } else {
                    children[field].appendPython(index, to: &out)
                }
            }
            out.append(UInt8(ascii: "]"))
        default: appendRepr(index, to: &out)
        }
    }

    /// `repr()` of the Python value, as containers show it.
    private func appendRepr(_ index: Int, to out: inout TextBuffer) {
        if isNull(index) {
            out.append("None")
            return
        }
        switch operation {
        case .null: out.append("None")
        case .boolean: out.append(Bitmap.get(values, bitOffset + index) ? "True" : "False")
        case .int8: out.append(decimal: Int64(value(Int8.self, index)))
        case .int16: out.append(decimal: Int64(value(Int16.self, index)))
        case .int32, .months: out.append(decimal: Int64(value(Int32.self, index)))
        case .int64: out.append(decimal: value(Int64.self, index))
        case .float: out.append(float: Double(value(Float.self, index)), .python)
        case .double: out.append(float: value(Double.self, index), .python)
        case .decimal:
            out.append("Decimal('")
            appendPython(index, to: &out)
            out.append("')")
        case .plainDecimal:
            let isInteger = !bytes(index).contains(UInt8(ascii: "."))
            if !isInteger { out.append("Decimal('") }
            appendPython(index, to: &out)
            if !isInteger { out.append("')") }
        case .text: out.append(pythonString: bytes(index))
        case .bytes: out.append(pythonBytes: bytes(index))
        case .date:
            let date = CivilDate(daysSinceEpoch: Int64(value(Int32.self, index)))
            appendCall("datetime.date(", [date.year, date.month, date.day], to: &out)
        case .time:
            appendCall("datetime.time(", clockArguments(civil(index)), to: &out)
        case .timestamp, .timestampLtz:
            let time = civil(index)
            let date = CivilDate(daysSinceEpoch: time.days)
            appendCall(
                "datetime.datetime(", [date.year, date.month, date.day] + clockArguments(time),
                to: &out)
        case .instant:
            let (seconds, rest) = value(Int128.self, index).floored(by: 1_000_000_000)
            out.append("Instant<")
            out.append(decimal: Int64(truncatingIfNeeded: seconds))
            out.append(", ")
            out.append(decimal: Int64(rest))
            out.append(UInt8(ascii: ">"))
        case .milliseconds:
            let (days, rest) = value(Int64.self, index).floored(by: 86_400_000)
            let parts: [(StaticString, Int64)] = [
                ("days=", days), ("seconds=", rest / 1000), ("microseconds=", rest % 1000 * 1000),
            ]
            out.append("datetime.timedelta(")
            var separator = false
            for (label, number) in parts where number != 0 {
                if separator { out.append(", ") }
                separator = true
                out.append(label)
                out.append(decimal: number)
            }
            out.append(separator ? ")" : "0)")
        case .list:
            out.append(UInt8(ascii: "["))
            for (place, element) in range(index).enumerated() {
                if place > 0 { out.append(", ") }
                children[0].appendRepr(element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map:
            out.append(UInt8(ascii: "{"))
            for (place, entry) in range(index).enumerated() {
                if place > 0 { out.append(", ") }
                children[0].appendRepr(entry, to: &out)
                out.append(": ")
                children[1].appendRepr(entry, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .row, .tuple:
            out.append(operation == .row ? "Row(" : "(")
            for field in children.indices {
                if field > 0 { out.append(", ") }
                if operation == .row {
                    out.append(contentsOf: UnsafeRawBufferPointer(labels[field]))
                }
                children[field].appendRepr(index, to: &out)
            }
            out.append(operation == .tuple && children.count == 1 ? ",)" : ")")
        }
    }

    // MARK: Times

    /// `13:14:15`, and six more digits unless they are 0.
    private func appendClock(_ time: CivilTime, to out: inout TextBuffer) {
        out.append(clock: time)
        if time.nanosecond >= 1000 {
            out.append(UInt8(ascii: "."))
            out.append(digits: UInt64(time.nanosecond / 1000), width: 6)
        }
    }

    /// Hour and minute; the second and the microsecond only where needed.
    private func clockArguments(_ time: CivilTime) -> [Int64] {
        let microsecond = time.nanosecond / 1000
        if microsecond != 0 { return [time.hour, time.minute, time.second, microsecond] }
        return time.second != 0 ? [time.hour, time.minute, time.second] : [time.hour, time.minute]
    }

    private func appendCall(_ name: StaticString, _ arguments: [Int64], to out: inout TextBuffer) {
        out.append(name)
        for (index, argument) in arguments.enumerated() {
            if index > 0 { out.append(", ") }
            out.append(decimal: argument)
        }
        out.append(UInt8(ascii: ")"))
    }

    /// `str(timedelta)`: `1 day, 2:03:04.500000`.
    private func appendTimedelta(_ milliseconds: Int64, to out: inout TextBuffer) {
        let (days, rest) = milliseconds.floored(by: 86_400_000)
        if days != 0 {
            out.append(decimal: days)
            out.append(days.magnitude == 1 ? " day, " : " days, ")
        }
        out.append(decimal: rest / 3_600_000)
        out.append(UInt8(ascii: ":"))
        out.append(digits: UInt64(rest / 60_000 % 60), width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(digits: UInt64(rest / 1000 % 60), width: 2)
        if rest % 1000 != 0 {
            out.append(UInt8(ascii: "."))
            out.append(digits: UInt64(rest % 1000 * 1000), width: 6)
        }
    }
}

extension TextBuffer {
    fileprivate mutating func append(pythonBytes bytes: UnsafeRawBufferPointer) {
        let quote = Self.pythonQuote(bytes)
        append(UInt8(ascii: "b"))
        append(quote)
        for byte in bytes {
            if byte < 0x7F {
                append(escaped: Unicode.Scalar(byte), quote)
            } else {
                append(hex: UInt32(byte), "\\x", 2)
            }
        }
        append(quote)
    }

    /// `repr(str)`. The bytes are valid UTF-8.
    fileprivate mutating func append(pythonString utf8: UnsafeRawBufferPointer) {
        let quote = Self.pythonQuote(utf8)
        append(quote)
        for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
            append(escaped: scalar, quote)
        }
        append(quote)
    }

    /// Single quotes, unless only double quotes need no escapes.
    private static func pythonQuote(_ bytes: UnsafeRawBufferPointer) -> UInt8 {
        bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\""))
            ? UInt8(ascii: "\"") : UInt8(ascii: "'")
    }

    private mutating func append(escaped scalar: Unicode.Scalar, _ quote: UInt8) {
        switch scalar {
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case _ where scalar.value == UInt32(quote):
            append(UInt8(ascii: "\\"))
            append(quote)
        case " "..."~": append(UInt8(scalar.value))
        case _ where scalar.value >= 0x80 && scalar.isPythonPrintable:
            for byte in UTF8.encode(scalar).unsafelyUnwrapped { append(byte) }
        default:
            switch scalar.value {
            case ..<0x100: append(hex: scalar.value, "\\x", 2)
            case ..<0x10000: append(hex: scalar.value, "\\u", 4)
            default: append(hex: scalar.value, "\\U", 8)
            }
        }
    }

    private mutating func append(hex value: UInt32, _ prefix: StaticString, _ width: Int) {
        append(prefix)
        for place in (0..<width).reversed() {
            let digit = UInt8(value >> UInt32(4 * place) & 0xF)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }
}
