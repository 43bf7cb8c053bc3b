/// How part files are called, which is how Flink calls them.
public struct PartNaming: Sendable {
    public var basePath: String
    public var prefix: String
    public var suffix: String
    /// Gives a new random UUID, in its text form, with each call.
    public var uniqueID: @Sendable () -> String

    public init(
        basePath: String, prefix: String = "part", suffix: String = "",
        uniqueID: @escaping @Sendable () -> String = PartNaming.randomUUID
    ) {
        self.basePath = basePath
        self.prefix = prefix
        self.suffix = suffix
        self.uniqueID = uniqueID
    }

    func part(bucket: String, uniqueID id: String, counter: Int, now: Int64) -> PartFile {
        let directory = bucket.isEmpty ? basePath : LocalPath.join(basePath, bucket)
        let name = "\(prefix)-\(id)-\(counter)\(suffix)"
        return PartFile(
            bucket: bucket,
            temporaryPath: LocalPath.join(directory, ".\(name).inprogress.\(uniqueID())"),
            finalPath: LocalPath.join(directory, name), created: now, lastWritten: now)
    }

    /// A UUID of version 4, from the system's randomness.
    @Sendable
    public static func randomUUID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        func hex(_ value: UInt64, _ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        let digits = Array(hex(high, 16) + hex(low, 16))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
            .joined(separator: "-")
    }
}
