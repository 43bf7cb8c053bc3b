/// How much a peer may make this side hold for one command.
public struct FrameLimits: Sendable, Equatable {
    /// Bytes of one command or reply, line breaks included.
    public var maximumLength: Int
    /// Lines of one command.
    public var maximumLines: Int

    /// Large enough for pickled functions in Base64 and for slices of large lists.
    public static let `default` = FrameLimits(maximumLength: 256 << 20, maximumLines: 1 << 21)

    /// For a peer that has not proved who it is.
    public static let unauthenticated = FrameLimits(maximumLength: 4096, maximumLines: 16)

    public init(maximumLength: Int, maximumLines: Int) {
        self.maximumLength = maximumLength
        self.maximumLines = maximumLines
    }
}
