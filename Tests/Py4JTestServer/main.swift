// Stands in for `java` when py4j's own tests run: a script of that name passes its arguments on.
// What the JVM would make of them (heap size, class path) means nothing here; the main class says
// which application to run.

import Gateway

guard let launch = Launch(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: java [-options] <main class> [arguments]")
    exit(64)
}

do {
    try await Applications.run(launch)
} catch {
    print("\(launch.mainClass): \(error)")
    exit(1)
}
exit(0)
