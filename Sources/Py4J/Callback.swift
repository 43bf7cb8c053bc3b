/// What the gateway asks of the client: to call a Python object, or to let go of it.
public enum Callback: Equatable, Sendable {
    /// The arguments are written like results: by value, or as references with their kind.
    case call(proxy: String, method: String, arguments: [Reply])
    case release(proxy: String)
    /// Opens a connection to a callback server that wants a token.
    case authenticate(token: String)

    public func write(to writer: inout WireWriter) {
        switch self {
        case .call(let proxy, let method, let arguments):
            writer.raw("c\n")
            writer.raw(proxy)
            writer.newline()
            writer.raw(method)
            writer.newline()
            for argument in arguments {
                argument.writePart(to: &writer)
                writer.newline()
            }
        case .release(let proxy):
            writer.raw("g\n")
            writer.raw(proxy)
            writer.newline()
        case .authenticate(let token):
            writer.raw("A\n")
            writer.escaped(token)
            writer.newline()
        }
        writer.byte(Wire.end)
        writer.newline()
    }
}
