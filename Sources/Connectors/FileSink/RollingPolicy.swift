/// When a part file is finished and the next one begun: Flink's rolling policies.
public struct RollingPolicy: Hashable, Sendable {
    /// A part is rolled before the next row once it is larger; bytes. nil: never.
    public var partSize: Int64?
    /// A part is rolled when it is this old; milliseconds. nil: never.
    public var rolloverInterval: Int64?
    /// A part is rolled when nothing was written for so long; milliseconds. nil: never.
    public var inactivityInterval: Int64?
    /// Every checkpoint rolls every part; otherwise only those that are too large.
    public var rollsOnCheckpoint: Bool

    /// Flink's `DefaultRollingPolicy`, with its defaults.
    public init(
        partSize: Int64? = 128 << 20, rolloverInterval: Int64? = 60_000,
        inactivityInterval: Int64? = 60_000, rollsOnCheckpoint: Bool = false
    ) {
        self.partSize = partSize
        self.rolloverInterval = rolloverInterval
        self.inactivityInterval = inactivityInterval
        self.rollsOnCheckpoint = rollsOnCheckpoint
    }

    /// Flink's `OnCheckpointRollingPolicy`.
    public static let onCheckpoint = RollingPolicy(
        partSize: nil, rolloverInterval: nil, inactivityInterval: nil, rollsOnCheckpoint: true)
}
