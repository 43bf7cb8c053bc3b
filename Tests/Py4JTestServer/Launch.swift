/// A command line of `java`.
struct Launch {
    let mainClass: String
    let arguments: [String]

    init?(_ commandLine: [String]) {
        var rest = commandLine[...]
        while let option = rest.first, option.hasPrefix("-") {
            rest.removeFirst()
            if ["-cp", "-classpath", "--class-path"].contains(option) { rest = rest.dropFirst() }
        }
        guard let mainClass = rest.popFirst() else { return nil }
        self.mainClass = mainClass
        self.arguments = Array(rest)
    }
}
