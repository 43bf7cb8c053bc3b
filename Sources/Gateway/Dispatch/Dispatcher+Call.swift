import Py4J

extension Dispatcher {
    func call(
        _ target: ObjectID, _ method: String, _ wire: [WireValue], _ context: CallContext
    ) -> Outcome {
        do {
            let arguments = try values(wire)
            if let entry = entry(target) {
                if let proxy = entry.object as? PythonProxy, types.fallback.methods[method] == nil {
                    return call(proxy, method, arguments)
                }
                guard let overloads = entry.type.methods[method],
                    let chosen = choose(overloads, arguments)
                else { throw noMethod(method, arguments, entry.type) }
                return run(
                    chosen, entry.object, arguments, context, in: entry.object.gatewayTypeName)
            }
            guard case .staticMembers(let name) = target else { throw Self.unknownTarget(target) }
            guard let type = types.named(name) else { throw Self.classNotFound(name) }
            let statics = (type.methods[method] ?? []).filter(\.isStatic)
            guard let chosen = choose(statics, arguments) else {
                throw noMethod(method, arguments, type)
            }
            return run(chosen, nil, arguments, context, in: name)
        } catch {
            return .reply(Self.failure(JavaThrowable.from(error)))
        }
    }

    /// A call that goes back to where the object came from.
    private func call(
        _ proxy: PythonProxy, _ method: String, _ arguments: [GatewayValue]
    ) -> Outcome {
        .later {
            do {
                return .reply(self.reply(try await proxy.call(method, arguments)))
            } catch {
                return .reply(self.thrown(error, "\(proxy.gatewayTypeName).\(method)(Python)"))
            }
        }
    }

    func construct(_ name: String, _ wire: [WireValue], _ context: CallContext) -> Outcome {
        do {
            let arguments = try values(wire)
            guard let type = types.named(name) else { throw Self.classNotFound(name) }
            guard let chosen = choose(type.declared.constructors, arguments) else {
                throw noConstructor(arguments, type)
            }
            return run(chosen, nil, arguments, context, in: name)
        } catch {
            return .reply(Self.failure(JavaThrowable.from(error)))
        }
    }

    @inline(__always)
    private func choose(_ candidates: [Executable], _ arguments: [GatewayValue]) -> Executable? {
        overloads.choose(candidates, for: arguments)
    }

    private func run(
        _ executable: Executable, _ receiver: (any GatewayObject)?, _ values: [GatewayValue],
        _ context: CallContext, in typeName: String
    ) -> Outcome {
        let receiver = executable.isStatic ? nil : receiver
        let arguments = Arguments(values, context)
        switch executable.body {
        case .inline(let body):
            do {
                return .reply(reply(try body(receiver, arguments)))
            } catch {
                return .reply(thrown(error, Self.frame(typeName, executable)))
            }
        case .suspending(let body):
            return .later {
                do {
                    return .reply(self.reply(try await body(receiver, arguments)))
                } catch {
                    return .reply(self.thrown(error, Self.frame(typeName, executable)))
                }
            }
        case .blocking(let body):
            return .blocking {
                do {
                    return .reply(self.reply(try body(receiver, arguments)))
                } catch {
                    return .reply(self.thrown(error, Self.frame(typeName, executable)))
                }
            }
        }
    }

    /// Where an exception left registered code, as a line of its stack trace.
    private static func frame(_ typeName: String, _ executable: Executable) -> String {
        executable.name == typeName
            ? "\(typeName).<init>(Native Method)"
            : "\(typeName).\(executable.name)(Native Method)"
    }

    /// The call's result as a stream of bytes.
    func stream(_ outcome: Outcome) -> Outcome {
        switch outcome {
        case .reply(.reference(_, let id)):
            guard let channel = entry(id)?.object as? JavaByteChannel else {
                return notAStream("a ReadableByteChannel")
            }
            // The client never sees the name, so it cannot release it.
            _ = delete(id)
            return .stream(channel)
        case .reply(.failure), .reply(.failureText), .reply(.failureValue): return outcome
        case .reply: return notAStream("an Object")
        case .later(let body): return .later { self.stream(await body()) }
        case .blocking(let body): return .blocking { self.stream(body()) }
        default: return outcome
        }
    }

    private func notAStream(_ expected: String) -> Outcome {
        .reply(
            Self.failure(
                JavaThrowable(
                    "java.lang.ClassCastException", "expected the method to return \(expected)")))
    }

    func delete(_ id: ObjectID) -> Outcome {
        // Entry point, view and server have no number and cannot be released.
        if case .object(let number) = id { objects.remove(number) }
        return .reply(.void)
    }

    // MARK: - Errors

    static func classNotFound(_ name: String) -> JavaThrowable {
        JavaThrowable("java.lang.ClassNotFoundException", name)
    }

    private func noMethod(
        _ name: String, _ arguments: [GatewayValue], _ type: ResolvedType
    ) -> JavaThrowable {
        let error = JavaThrowable.gateway("Method \(name)(\(signature(arguments))) does not exist")
        hint(error, type.methods[name] ?? [], type)
        return error
    }

    private func noConstructor(_ arguments: [GatewayValue], _ type: ResolvedType) -> JavaThrowable {
        let error = JavaThrowable.gateway(
            "Constructor \(type.name)(\(signature(arguments))) does not exist")
        hint(error, type.declared.constructors, type)
        return error
    }

    /// The arguments' classes as Java's `Arrays.toString` prints them.
    private func signature(_ arguments: [GatewayValue]) -> String {
        let names = arguments.prefix(64).map { $0.javaClassName.map { "class \($0)" } ?? "null" }
        return "[" + names.joined(separator: ", ") + "]"
    }

    /// What could have been called instead, in place of frames that would help nobody.
    private func hint(_ error: JavaThrowable, _ candidates: [Executable], _ type: ResolvedType) {
        guard !candidates.isEmpty else { return error.addFrameIfEmpty(type.name) }
        let forms = candidates.prefix(8).map { candidate in
            let parameters = (candidate.parameters ?? []).map(\.canonicalName)
            return "\(JavaNames.short(candidate.name))(\(parameters.joined(separator: ", ")))"
        }
        error.addFrameIfEmpty("\(type.name), which has \(forms.joined(separator: ", "))")
    }
}
