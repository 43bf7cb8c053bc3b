/// The bytes that Py4J 0.10.9 gives a meaning to, under the names its specification uses.
///
/// Everything on the wire is UTF-8 text in lines: a command is a name, its parts, and (mostly) the
/// line `e`; a reply is one line that begins with `!`.
public enum Wire {
    public static let newline = UInt8(ascii: "\n")
    public static let carriageReturn = UInt8(ascii: "\r")
    public static let escape = UInt8(ascii: "\\")
    /// The line that ends the parts of a command.
    public static let end = UInt8(ascii: "e")
    public static let returnMessage = UInt8(ascii: "!")
    public static let success = UInt8(ascii: "y")
    public static let error = UInt8(ascii: "x")
    public static let fatal = UInt8(ascii: "z")
    public static let void = UInt8(ascii: "v")
    public static let noMember = UInt8(ascii: "o")
    public static let package = UInt8(ascii: "p")
    public static let classType = UInt8(ascii: "c")
    public static let method = UInt8(ascii: "m")

    /// First byte of a value: its type.
    public enum Tag {
        public static let bytes = UInt8(ascii: "j")
        public static let int = UInt8(ascii: "i")
        public static let long = UInt8(ascii: "L")
        public static let bool = UInt8(ascii: "b")
        public static let double = UInt8(ascii: "d")
        public static let decimal = UInt8(ascii: "D")
        public static let string = UInt8(ascii: "s")
        public static let null = UInt8(ascii: "n")
        public static let proxy = UInt8(ascii: "f")
    }

    /// First line of a command.
    public enum Name {
        public static let call = UInt8(ascii: "c")
        public static let stream = UInt8(ascii: "S")
        public static let constructor = UInt8(ascii: "i")
        public static let field = UInt8(ascii: "f")
        public static let list = UInt8(ascii: "l")
        public static let array = UInt8(ascii: "a")
        public static let reflection = UInt8(ascii: "r")
        public static let memory = UInt8(ascii: "m")
        public static let help = UInt8(ascii: "h")
        public static let view = UInt8(ascii: "j")
        public static let exception = UInt8(ascii: "p")
        public static let dir = UInt8(ascii: "d")
        public static let shutdown = UInt8(ascii: "s")
        public static let authenticate = UInt8(ascii: "A")
        public static let cancel = UInt8(ascii: "z")
        public static let quit = UInt8(ascii: "q")
        /// Towards Python: releases a proxy. (A call is `c` in both directions.)
        public static let releaseProxy = UInt8(ascii: "g")
    }
}

/// How a reply tells the client which Python class to wrap a reference in.
public enum ReferenceKind: UInt8, Sendable, Hashable {
    case object = 0x72  // r
    case list = 0x6C  // l
    case map = 0x61  // a
    case array = 0x74  // t
    case set = 0x68  // h
    case iterator = 0x67  // g
}
