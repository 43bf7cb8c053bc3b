import ArgumentParser
import Facade

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet", abstract: "The runtime of Martlet, a stream processor.",
        version: martletVersion, subcommands: [GatewayCommand.self])
}
