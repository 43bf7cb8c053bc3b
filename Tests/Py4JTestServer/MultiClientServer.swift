import Gateway
import Synchronization

struct ThreadIDGetter: PythonInterface {
    static let gatewayName = "py4j.examples.MultiClientServerGetThreadId"
    let proxy: PythonProxy

    func id(_ method: String) async throws -> Int64 {
        let text = try await proxy.call(method, returning: String.self)
        guard let id = Int64(text) else {
            throw JavaThrowable("java.lang.NumberFormatException", text)
        }
        return id
    }
}

/// Two servers that share a thread: whose calls run where?
enum MultiClientServer {
    final class EntryPoint: GatewayObject {
        static let gatewayName = "py4j.examples.MultiClientServer$EntryPoint"

        let id: Int32
        let shared: GatewayThread
        private let getter = Mutex<ThreadIDGetter?>(nil)

        init(id: Int32, shared: GatewayThread) {
            self.id = id
            self.shared = shared
        }

        private func pythonThread() throws -> ThreadIDGetter {
            guard let getter = getter.withLock({ $0 }) else {
                throw JavaThrowable("java.lang.NullPointerException")
            }
            return getter
        }

        static let registration = TypeRegistration<EntryPoint>()
            .method("getEntryId") { $0.id }
            .method("setPythonThreadIdGetter", ThreadIDGetter.self) { entry, getter in
                entry.getter.withLock { $0 = getter }
            }
            .rawMethod("getJavaThreadId") { _, arguments in .int64(arguments.context.thread.id) }
            .asyncMethod("getSharedJavaThreadId") { entry in
                await entry.shared.run { GatewayThread.current?.id ?? -1 }
            }
            .asyncMethod("getPythonThreadId") { try await $0.pythonThread().id("getThreadId") }
            .asyncMethod("getSharedPythonThreadId") { entry in
                try await entry.shared.run { try await entry.pythonThread().id("getThreadId") }
            }
            .asyncMethod("getViaPythonJavaThreadId") {
                try await $0.pythonThread().id("getJavaThreadId")
            }
            .asyncMethod("getSharedViaPythonJavaThreadId") { entry in
                try await entry.shared.run { try await entry.pythonThread().id("getJavaThreadId") }
            }
    }

    static func run() async throws {
        let shared = GatewayThread()
        let first = try await Applications.start(EntryPoint(id: 0, shared: shared)) {
            $0.threading = .singleThreaded
        }
        let second = try await Applications.start(
            EntryPoint(id: 1, shared: shared), port: 25335
        ) { configuration in
            configuration.threading = .singleThreaded
            configuration.callback.port = 25336
        }
        await first.waitUntilStopped()
        await second.waitUntilStopped()
    }
}
