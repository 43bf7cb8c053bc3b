/// The shortest decimal that reads back as a given binary floating-point number.
///
/// This is the algorithm of Raffaello Giulietti ("The Schubfach way to render doubles"), as the
/// JDK has it since version 19: among the decimals that round to the number, one of the shortest
/// with at least two digits, and of those the closest. JDK 17 and older sometimes print a digit
/// or two more (2.0E-3 is `0.002` in all of them, but 2.2250738585072014E-308 and some others
/// differ); newer ones print exactly this.
struct ShortestDecimal {
    /// Without trailing zeros, unless it is 0.
    let digits: UInt64
    /// The number is `digits` times ten to the power of `exponent`.
    let exponent: Int

    /// - Parameter value: finite and not 0; its sign is ignored.
    init(_ value: Double) {
        self.init(
            fraction: value.significandBitPattern, biased: Int(value.exponentBitPattern),
            significandBits: 52, minExponent: -1074, tiny: 3)
    }

    /// - Parameter value: finite and not 0; its sign is ignored.
    init(_ value: Float) {
        self.init(
            fraction: UInt64(value.significandBitPattern), biased: Int(value.exponentBitPattern),
            significandBits: 23, minExponent: -149, tiny: 8)
    }

    private init(
        fraction: UInt64, biased: Int, significandBits: Int, minExponent: Int, tiny: UInt64
    ) {
        let hidden: UInt64 = 1 << UInt64(significandBits)
        var result: (digits: UInt64, exponent: Int)
        if biased != 0 {
            let power = minExponent - 1 + biased
            let significand = hidden | fraction
            if power < 0, power >= -significandBits,
                significand & (1 << UInt64(-power) - 1) == 0
            {
                result = (significand >> UInt64(-power), 0)
            } else {
                result = Self.schubfach(power, significand, hidden, minExponent, 0)
            }
        } else if fraction < tiny {
            // Too few bits for two digits: ten times as many.
            result = Self.schubfach(minExponent, 10 * fraction, hidden, minExponent, -1)
        } else {
            result = Self.schubfach(minExponent, fraction, hidden, minExponent, 0)
        }
        while result.digits >= 10, result.digits % 10 == 0 {
            result.digits /= 10
            result.exponent += 1
        }
        (digits, exponent) = result
    }

    // The names follow the paper and the JDK's DoubleToDecimal. All products fit as proven there.
    private static func schubfach(
        _ q: Int, _ c: UInt64, _ hidden: UInt64, _ minExponent: Int, _ dk: Int
    ) -> (digits: UInt64, exponent: Int) {
        let out = c & 1
        let cb = c << 2
        let cbr = cb + 2
        let isRegular = c != hidden || q == minExponent
        let cbl = isRegular ? cb - 2 : cb - 1
        let k = (q * 661_971_961_083 - (isRegular ? 0 : 274_743_187_321)) >> 41
        let h = UInt64(q + log2pow10(-k) + 2)
        let g = PowersOfTen.shared[k]
        let vb = round(g, cb << h)
        let vbl = round(g, cbl << h)
        let vbr = round(g, cbr << h)
        let s = vb >> 2
        if s >= 100 {
            let sp10 = s / 10 * 10
            let tp10 = sp10 + 10
            let upin = vbl + out <= sp10 << 2
            let wpin = tp10 << 2 + out <= vbr
            if upin != wpin { return (upin ? sp10 : tp10, k + dk) }
        }
        let t = s + 1
        let uin = vbl + out <= s << 2
        let win = t << 2 + out <= vbr
        if uin != win { return (uin ? s : t, k + dk) }
        let middle = (s + t) << 1
        return (vb < middle || vb == middle && s & 1 == 0 ? s : t, k + dk)
    }

    static func log2pow10(_ e: Int) -> Int { (e * 913_124_641_741) >> 38 }

    /// `g · cp / 2^127`, rounded to odd.
    @inline(__always)
    private static func round(_ g: PowersOfTen.Power, _ cp: UInt64) -> UInt64 {
        let mask = UInt64(Int64.max)
        let x1 = g.low.multipliedFullWidth(by: cp).high
        let (y1, y0) = g.high.multipliedFullWidth(by: cp)
        let z = y0 >> 1 + x1
        let w = y1 + z >> 63
        return w | (z & mask + mask) >> 63
    }
}

/// Powers of ten to 126 bits: `g(k) = ⌊10^-k · 2^-r⌋ + 1` with `r = ⌊log2 10^-k⌋ - 125`.
private struct PowersOfTen: Sendable {
    /// `high · 2^63 + low`.
    struct Power {
        var high: UInt64
        var low: UInt64
    }

    static let shared = PowersOfTen()

    private static let smallest = -324
    private static let largest = 292
    private let powers: [Power]

    subscript(k: Int) -> Power { powers[k - Self.smallest] }

    /// Computed rather than listed: some 30 000 steps, once.
    private init() {
        var powers = [Power](
            repeating: Power(high: 0, low: 0), count: Self.largest - Self.smallest + 1)
        // 10^-k for k ≤ 0, exactly.
        var number: [UInt32] = [1]
        for k in stride(from: 0, through: Self.smallest, by: -1) {
            powers[k - Self.smallest] = Self.power(number, scaledBy: 0, -k)
            var carry: UInt64 = 0
            for index in number.indices {
                carry += UInt64(number[index]) * 10
                number[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { number.append(UInt32(carry)) }
        }
        // 2^1152 / 10^k for k > 0, rounded down, which dividing step by step does as well as at once.
        number = [UInt32](repeating: 0, count: 36) + [1]
        for k in 1...Self.largest {
            var rest: UInt64 = 0
            for index in number.indices.reversed() {
                rest = rest << 32 | UInt64(number[index])
                number[index] = UInt32(rest / 10)
                rest %= 10
            }
            powers[k - Self.smallest] = Self.power(number, scaledBy: 1152, -k)
        }
        self.powers = powers
    }

    /// From `number = 10^e · 2^scale`.
    private static func power(_ number: [UInt32], scaledBy scale: Int, _ e: Int) -> Power {
        let shift = ShortestDecimal.log2pow10(e) - 125 + scale
        func bits(from start: Int) -> UInt64 {
            var result: UInt64 = 0
            for bit in 0..<63 {
                let place = start + bit
                guard place >= 0, place >> 5 < number.count else { continue }
                if number[place >> 5] >> UInt32(place & 31) & 1 != 0 { result |= 1 << UInt64(bit) }
            }
            return result
        }
        var power = Power(high: bits(from: shift + 63), low: bits(from: shift) + 1)
        if power.low >> 63 != 0 { power = Power(high: power.high + 1, low: 0) }
        return power
    }
}
