import Gateway

extension JavaList {
    /// The elements, all of one type.
    func typed<Element: GatewayConvertible>() throws -> [Element] {
        try elements.map { try Element.fromGateway($0) }
    }
}

extension JavaMap {
    convenience init(strings: [String: String]) {
        self.init(
            strings.sorted { $0.key < $1.key }.map {
                (key: .string($0.key), value: .string($0.value))
            })
    }

    /// The entries, as far as keys and values are strings; others are an error.
    func strings() throws -> [String: String] {
        try Dictionary(
            entries.map { (try String.fromGateway($0.key), try String.fromGateway($0.value)) },
            uniquingKeysWith: { $1 })
    }
}
