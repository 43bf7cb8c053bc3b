import Py4J
import Synchronization

/// Carries out commands on the objects of one gateway. Knows nothing of sockets, except that
/// Python objects are called through ``CallbackClient``.
///
/// Every event loop uses it at the same time; what changes is behind mutexes.
final class Dispatcher: Sendable {
    let types: TypeTable
    let objects: ObjectTable
    let defaultView = JVMView(name: "default")
    let overloads: Overloads
    let entryPoint: (any GatewayObject)?
    let entryPointEntry: ObjectTable.Entry?
    let defaultViewEntry: ObjectTable.Entry
    /// Set once, by the server, before the first command.
    private let serverSide = Mutex<ServerSide?>(nil)

    struct ServerSide: Sendable {
        let server: ObjectTable.Entry
        let callbacks: CallbackClient
    }

    init(registry: TypeRegistry, entryPoint: (any GatewayObject)?) {
        types = TypeTable(registry)
        objects = ObjectTable(types: types)
        overloads = Overloads(types: types)
        self.entryPoint = entryPoint
        entryPointEntry = entryPoint.map { [types] in
            ObjectTable.Entry(object: $0, type: types.type(of: $0))
        }
        defaultViewEntry = ObjectTable.Entry(
            object: defaultView, type: types.type(of: defaultView))
    }

    func attach(server: any GatewayObject, callbacks: CallbackClient) {
        let entry = ObjectTable.Entry(object: server, type: types.type(of: server))
        serverSide.withLock { $0 = ServerSide(server: entry, callbacks: callbacks) }
    }

    var serverEntry: ObjectTable.Entry? { serverSide.withLock { $0?.server } }
    var callbacks: CallbackClient? { serverSide.withLock { $0?.callbacks } }

    func replaceCallbacks(_ callbacks: CallbackClient) {
        serverSide.withLock { side in
            side = side.map { ServerSide(server: $0.server, callbacks: callbacks) }
        }
    }

    /// Lets go of all objects.
    func removeAll() {
        objects.removeAll()
        // Released outside of the lock: what goes with it may ask for the lock.
        let side = serverSide.withLock { side in
            defer { side = nil }
            return side
        }
        _ = consume side
    }

    func execute(_ command: Command, _ context: CallContext) -> Outcome {
        switch command {
        case .call(let target, let method, let arguments):
            call(target, method, arguments, context)
        case .construct(let type, let arguments): construct(type, arguments, context)
        case .deleteObject(let id): delete(id)
        case .stream(let target, let method, let arguments):
            stream(call(target, method, arguments, context))
        case .getField(let target, let name): attempt { try self.getField(target, name) }
        case .setField(let target, let name, let value):
            attempt { try self.setField(target, name, value) }
        case .list(let target, let operation):
            attempt { try self.list(target, operation) }
        case .array(let target, let operation):
            attempt { try self.array(target, operation) }
        case .createArray(let type, let dimensions):
            attempt { try self.createArray(type, dimensions) }
        case .resolve(let name, let view): attempt { try self.resolve(name, view) }
        case .member(let type, let name): attempt { try self.member(type, name) }
        case .classObject(let type): .reply(classObject(type))
        // The reference is already counted: each result has a name of its own.
        case .attachObject: .reply(.void)
        case .helpObject(let id, let pattern, let short):
            attempt { try self.help(for: id, pattern, short) }
        case .helpClass(let name, let pattern, let short):
            attempt { try self.help(named: name, pattern, short) }
        case .createView(let name): .reply(reference(to: JVMView(name: name)))
        case .importName(let view, let name):
            attempt {
                try self.view(view).add(name)
                return .void
            }
        case .removeImport(let view, let name):
            attempt { .value(.bool(try self.view(view).remove(name))) }
        case .searchView(let view, let name):
            attempt {
                let found = try self.view(view).resolve(name, self.types)
                return .value(found.map { .string($0) } ?? .null)
            }
        case .stackTrace(let exception): attempt { try self.stackTrace(exception) }
        case .fieldNames(let id): attempt { try self.fieldNames(id) }
        case .methodNames(let id): attempt { try self.methodNames(id) }
        case .staticNames(let type): attempt { try self.staticNames(type) }
        case .viewNames(let view, let since): attempt { try self.viewNames(view, since) }
        case .shutdown: .shutdown
        case .cancel(let address, let remote, let local):
            .cancel(address: address, remotePort: remote, localPort: local)
        case .quit: .close
        // A client may offer its token to a gateway that wants none.
        case .authenticate: .reply(.void)
        case .answer: .reply(.fatal("There is no callback that this could answer."))
        case .blank: .close
        }
    }

    /// Turns an error of the gateway itself into the reply Python raises a `Py4JError` for.
    private func attempt(_ body: () throws -> Reply) -> Outcome {
        do {
            return .reply(try body())
        } catch {
            return .reply(Self.failure(JavaThrowable.from(error)))
        }
    }

    static func failure(_ throwable: JavaThrowable) -> Reply {
        .failureText(throwable.stackTrace)
    }

    /// The reply for an exception out of registered code: a reference that Python can question.
    func thrown(_ error: any Error, _ frame: String) -> Reply {
        let throwable = JavaThrowable.from(error)
        throwable.addFrameIfEmpty(frame)
        return .failureValue(.reference(objects.add(throwable).id))
    }
}
