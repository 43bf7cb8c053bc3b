extension JavaMap {
    static let mapRegistration = TypeRegistration<JavaMap>("java.util.Map", interface: true)
        .method("size") { Int32(clamping: $0.count) }
        .method("isEmpty") { $0.count == 0 }
        .method("get", GatewayValue.self) { $0.value(for: $1) ?? .null }
        .method("getOrDefault", GatewayValue.self, GatewayValue.self) { map, key, fallback in
            map.value(for: key) ?? fallback
        }
        .method("put", GatewayValue.self, GatewayValue.self) { try $0.put($1, $2) ?? .null }
        .method("putIfAbsent", GatewayValue.self, GatewayValue.self) { map, key, value in
            if let present = map.value(for: key), !present.isNull { return present }
            return try map.put(key, value) ?? .null
        }
        .method("remove", GatewayValue.self) { try $0.remove($1) ?? .null }
        .method("containsKey", GatewayValue.self) { $0.contains(key: $1) }
        .method("containsValue", GatewayValue.self) { map, value in
            map.entries.contains { $0.value == value }
        }
        .method("clear") { try $0.removeAll() }
        .method("putAll", JavaMap.self) { map, other in
            for entry in other.entries { _ = try map.put(entry.key, entry.value) }
        }
        .method("keySet") { JavaMapView($0, .keys) }
        .method("values") { JavaMapView($0, .values) }
        .method("entrySet") { JavaMapView($0, .entries) }
        .rawStaticMethod("of") { arguments in
            guard arguments.count.isMultiple(of: 2) else {
                throw JavaThrowable.illegalArgument("length is odd")
            }
            let entries = stride(from: 0, to: arguments.count, by: 2).map {
                (key: arguments[$0], value: arguments[$0 + 1])
            }
            return .object(JavaMap(entries, typeName: unmodifiable, isMutable: false))
        }
        .staticMethod("copyOf", JavaMap.self) { other in
            JavaMap(other.entries, typeName: unmodifiable, isMutable: false)
        }

    static func register(in registry: inout TypeRegistry) {
        registry.register(mapRegistration)
        let names = [
            JavaMap.gatewayName, "java.util.LinkedHashMap", sortedName,
            "java.util.concurrent.ConcurrentHashMap", "java.util.Hashtable",
        ]
        for name in names {
            registry.register(
                TypeRegistration<JavaMap>(name, extends: ["java.util.Map"])
                    .constructor { JavaMap(typeName: name) }
                    .constructor(Int32.self) { _ in JavaMap(typeName: name) }
                    .constructor(JavaMap.self) { other in
                        let map = JavaMap(typeName: name)
                        for entry in other.entries { _ = try map.put(entry.key, entry.value) }
                        return map
                    })
        }
        registry.register(
            TypeRegistration<JavaMap>("java.util.Properties", extends: ["java.util.Hashtable"])
                .constructor { JavaMap(typeName: "java.util.Properties") }
                .method("setProperty", String.self, String.self) { map, key, value in
                    try map.put(.string(key), .string(value)) ?? .null
                }
                .method("getProperty", String.self) { map, key in
                    map.value(for: .string(key)) ?? .null
                }
                .method("getProperty", String.self, String?.self) { map, key, fallback in
                    map.value(for: .string(key)) ?? fallback.gatewayValue
                })
        registry.register(TypeRegistration<JavaMap>(unmodifiable, extends: ["java.util.Map"]))
        registry.register(
            TypeRegistration<JavaMapEntry>("java.util.Map$Entry", interface: true)
                .method("getKey") { $0.key }
                .method("getValue") { $0.value }
                .method("setValue", GatewayValue.self) { try $0.set($1) })
        registry.register(
            TypeRegistration<JavaMapEntry>(
                "java.util.AbstractMap$SimpleEntry", extends: ["java.util.Map$Entry"]
            )
            .constructor(GatewayValue.self, GatewayValue.self) { JavaMapEntry(key: $0, value: $1) })
        registry.register(
            TypeRegistration<JavaMapView>("java.util.HashMap$KeySet", extends: ["java.util.Set"]))
        registry.register(
            TypeRegistration<JavaMapView>("java.util.HashMap$EntrySet", extends: ["java.util.Set"]))
        registry.register(
            TypeRegistration<JavaMapView>(
                "java.util.HashMap$Values", extends: ["java.util.Collection"]))
    }
}
