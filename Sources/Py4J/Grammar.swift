/// How many lines of each command are names, that is, read verbatim.
enum Grammar {
    enum Layout: Sendable, Equatable {
        /// The command is this one line.
        case complete
        /// The next line is a sub-command.
        case subcommand
        /// So many lines of names; then arguments up to the end marker, or nothing.
        case names(Int, hasArguments: Bool)
    }

    /// - Returns: nil if there is no such command.
    static func layout(command: UInt8) -> Layout? {
        switch command {
        case Wire.Name.call, Wire.Name.stream: .names(2, hasArguments: true)
        case Wire.Name.constructor: .names(1, hasArguments: true)
        case Wire.Name.exception: .names(0, hasArguments: true)
        case Wire.Name.shutdown, Wire.Name.quit: .complete
        // The Python client sends no end marker after these two.
        case Wire.Name.authenticate: .names(1, hasArguments: false)
        case Wire.Name.cancel: .names(3, hasArguments: false)
        case Wire.Name.field, Wire.Name.list, Wire.Name.array, Wire.Name.reflection,
            Wire.Name.memory, Wire.Name.help, Wire.Name.view, Wire.Name.dir:
            .subcommand
        default: nil
        }
    }

    /// An unknown sub-command is read up to its end marker, so that it can be answered.
    static func layout(command: UInt8, subcommand: UInt8) -> Layout {
        let names =
            switch (command, subcommand) {
            case (Wire.Name.field, _): 2
            case (Wire.Name.list, UInt8(ascii: "a")): 2
            case (Wire.Name.list, _): 1
            case (Wire.Name.array, UInt8(ascii: "c")): 0
            case (Wire.Name.array, _): 1
            case (Wire.Name.reflection, UInt8(ascii: "c")): 1
            case (Wire.Name.reflection, _): 2
            case (Wire.Name.view, UInt8(ascii: "c")): 0
            case (Wire.Name.view, _): 2
            default: 1
            }
        return .names(names, hasArguments: true)
    }
}
