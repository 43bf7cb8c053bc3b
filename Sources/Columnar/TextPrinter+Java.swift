extension TextPrinter {
    /// `toString()` of a value; `null` for null. A row shows its kind, that of an insertion
    /// unless told otherwise.
    func appendJava(_ index: Int, to out: inout TextBuffer, kind: RowKind = .insert) {
        if isNull(index) {
            out.append("null")
            return
        }
        let isTime = style == .javaTime
        switch operation {
        case .null: out.append("null")
        case .boolean: out.append(Bitmap.get(values, bitOffset + index) ? "true" : "false")
        case .int8: out.append(decimal: Int64(value(Int8.self, index)))
        case .int16: out.append(decimal: Int64(value(Int16.self, index)))
        case .int32: out.append(decimal: Int64(value(Int32.self, index)))
        case .int64: out.append(decimal: value(Int64.self, index))
        case .float: out.append(float: value(Float.self, index))
        case .double: out.append(float: value(Double.self, index), .java)
        case .decimal: out.append(decimal: value(Int128.self, index), scale: Int(parameter))
        case .plainDecimal: out.append(plainDecimal: bytes(index))
        case .text: out.append(contentsOf: bytes(index))
        case .bytes: appendNumbers(bytes(index), to: &out)
        case .date:
            let days = Int64(value(Int32.self, index))
            out.append(
                isTime ? CivilDate(daysSinceEpoch: days) : CivilDate(julianBeforeCutover: days),
                iso: isTime)
        case .time:
            if isTime {
                out.append(localTime: civil(index))
            } else {
                out.append(clock: civil(index))
            }
        case .timestamp:
            if isTime {
                out.append(localDateTime: civil(index))
            } else {
                out.append(sqlTimestamp: civil(index))
            }
        case .timestampLtz, .instant: out.append(instant: civil(index))
        case .months: out.append(periodMonths: value(Int32.self, index))
        case .milliseconds: out.append(durationMilliseconds: value(Int64.self, index))
        case .list:
            out.append(UInt8(ascii: "["))
            var separator = false
            for element in range(index) {
                if separator { out.append(", ") }
                separator = true
                children[0].appendJava(element, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .map:
            out.append(UInt8(ascii: "{"))
            var separator = false
            for entry in range(index) {
                if separator { out.append(", ") }
                separator = true
                children[0].appendJava(entry, to: &out)
                out.append(UInt8(ascii: "="))
                children[1].appendJava(entry, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .row:
            out.append(kind)
            out.append(UInt8(ascii: "["))
            for field in children.indices {
                if field > 0 { out.append(", ") }
                children[field].appendJava(index, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .tuple:
            out.append(UInt8(ascii: "("))
            for field in children.indices {
                if field > 0 { out.append(UInt8(ascii: ",")) }
                children[field].appendJava(index, to: &out)
            }
            out.append(UInt8(ascii: ")"))
        }
    }

    /// `Arrays.toString(byte[])`.
    private func appendNumbers(_ bytes: UnsafeRawBufferPointer, to out: inout TextBuffer) {
        out.append(UInt8(ascii: "["))
        for (index, byte) in bytes.enumerated() {
            if index > 0 { out.append(", ") }
            out.append(decimal: Int64(Int8(bitPattern: byte)))
        }
        out.append(UInt8(ascii: "]"))
    }
}

extension TextBuffer {
    mutating func append(_ kind: RowKind) {
        switch kind {
        case .insert: append("+I")
        case .updateBefore: append("-U")
        case .updateAfter: append("+U")
        case .delete: append("-D")
        }
    }
}
