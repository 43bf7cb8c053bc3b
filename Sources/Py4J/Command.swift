/// What a client asks of the gateway.
public enum Command: Equatable, Sendable {
    case call(target: ObjectID, method: String, arguments: [WireValue])
    /// A call whose result is sent as raw bytes after the reply.
    case stream(target: ObjectID, method: String, arguments: [WireValue])
    case construct(type: String, arguments: [WireValue])
    case getField(target: ObjectID, name: String)
    case setField(target: ObjectID, name: String, value: WireValue)
    case list(target: ObjectID, operation: ListOperation)
    case array(target: ObjectID, operation: ArrayOperation)
    case createArray(type: String, dimensions: [Int])
    /// What is `name`, seen from a view: a class or a package?
    case resolve(name: String, view: WireValue)
    case member(type: String, name: String)
    case classObject(type: String)
    case deleteObject(ObjectID)
    case attachObject(ObjectID)
    case helpObject(ObjectID, pattern: String?, shortNames: Bool)
    case helpClass(String, pattern: String?, shortNames: Bool)
    case createView(name: String)
    case importName(view: WireValue, name: String)
    case removeImport(view: WireValue, name: String)
    case searchView(view: WireValue, name: String)
    case stackTrace(WireValue)
    case fieldNames(ObjectID)
    case methodNames(ObjectID)
    case staticNames(type: String)
    /// - Parameter since: What the client saw last; no names are sent if nothing has changed.
    case viewNames(view: WireValue, since: String?)
    case shutdown
    case authenticate(token: String)
    /// Closes the connection with these ports, whose client has given up waiting.
    case cancel(address: String, remotePort: Int, localPort: Int)
    case quit
    /// The client's answer to a callback.
    case answer(Reply)
    /// An empty line, which means nothing.
    case blank
}

public enum ListOperation: Equatable, Sendable {
    case sort, reverse, max, min
    case slice([Int])
    case concatenate(ObjectID)
    case multiply(Int)
    case multiplyInPlace(Int)
    case count(WireValue)
}

public enum ArrayOperation: Equatable, Sendable {
    case get(Int)
    case set(Int, WireValue)
    case slice([Int])
    case length
}
