import Glibc
import Testing

@testable import Jobs

@Suite struct WorkDirectoryTests {
    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func temporaryDirectory() throws -> String {
        var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    @Test func itIsPrivateAndSaysWhoseItIs() throws {
        let directory = WorkDirectory()
        let path = try directory.path()
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        let name = try #require(path.split(separator: "/").last)
        #expect(WorkDirectory.owner(of: String(name)) == .current)
        directory.remove()
        #expect(!exists(path))
    }

    @Test func onlyThoseOfDeadProcessesAreRemoved() throws {
        let parent = try temporaryDirectory()
        defer { rmdir(parent) }
        let own = ProcessIdentity.current
        let space = own.namespace
        let names = [
            // Dead: a number that no process has, and one that another process has by now.
            ("martlet-job-\(space)-\(Int32.max)-5-abcdef", false),
            ("martlet-job-\(space)-\(own.number)-\(own.startTime + 1)-abcdef", false),
            ("martlet-job-\(space)-\(own.number)-\(own.startTime)-abcdef", true),
            ("martlet-job-\(space + 1)-\(Int32.max)-5-abcdef", true),
            ("martlet-job-abcdef", true), ("martlet-job-1-2-3-4-5", true), ("other", true),
        ]
        for (name, _) in names {
            #expect(mkdir("\(parent)/\(name)", 0o700) == 0)
            #expect(mkdir("\(parent)/\(name)/inside", 0o700) == 0)
        }
        // Nothing is followed.
        let link = "\(parent)/martlet-job-\(space)-\(Int32.max)-6-abcdef"
        #expect(symlink("\(parent)/other", link) == 0)
        WorkDirectory.removeLeftovers(in: parent)
        for (name, stays) in names {
            #expect(exists("\(parent)/\(name)/inside") == stays, "\(name)")
            rmdir("\(parent)/\(name)/inside")
            rmdir("\(parent)/\(name)")
        }
        #expect(exists(link))
        unlink(link)
    }
}
