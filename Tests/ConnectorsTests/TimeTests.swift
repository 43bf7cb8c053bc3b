import Testing

@testable import Formats

@Suite struct TimeTests {
    private func format(_ pattern: String, _ milliseconds: Int64, _ zone: String = "UTC") throws
        -> String
    {
        try DateTimePattern(pattern).format(TimeZoneRules(named: zone).civilTime(milliseconds))
    }

    /// Texts of Java 17's `DateTimeFormatter` (English).
    @Test(arguments: [
        ("yyyy-MM-dd--HH", Int64(1_700_000_000_000), "2023-11-14--22"),
        ("yy/M/d 'at' h:mm a", 1_700_000_000_000, "23/11/14 at 10:13 PM"),
        (
            "EEEE, d MMMM uuuu; EEE MMM D", 1_700_000_000_000,
            "Tuesday, 14 November 2023; Tue Nov 318"
        ),
        ("HH:mm:ss.SSS 'o''clock' ''", 1_700_000_000_123, "22:13:20.123 o'clock '"),
        ("yyyyMMdd'T'HHmmssSSSSSS", -1, "19691231T235959999000"),
        ("k K SS", 0, "24 0 00"), ("yyyy-MM-dd", 951_782_400_000, "2000-02-29"),
    ])
    func patternsWriteAsJavaDoes(pattern: String, time: Int64, text: String) throws {
        #expect(try format(pattern, time) == text)
    }

    @Test(arguments: ["yyyy-XX", "'open", "w", "yyyy[MM]", "dddd"])
    func unknownPatternsAreRefused(pattern: String) {
        #expect(throws: DateTimePattern.Problem.self) { try DateTimePattern(pattern) }
    }

    @Test(arguments: [
        ("Europe/Berlin", Int64(1_700_000_000_000), 3600),
        ("Europe/Berlin", 1_690_000_000_000, 7200),
        // Beyond the table of the zone file: its rule.
        ("Europe/Berlin", 4_086_000_000_000, 7200), ("Europe/Berlin", 4_100_000_000_000, 3600),
        ("Australia/Sydney", 4_100_000_000_000, 39_600), ("Asia/Kolkata", 0, 19_800),
        ("America/New_York", -3_000_000_000_000, -17_762), ("+02:00", 0, 7200),
        ("GMT-3", 0, -10_800), ("UTC+0530", 0, 19_800), ("Z", 0, 0),
    ])
    func zonesHaveTheirOffsets(zone: String, time: Int64, offset: Int) throws {
        #expect(try TimeZoneRules(named: zone).offset(at: time / 1000) == offset)
    }

    @Test(arguments: ["Mars/Base", "", "../../etc/passwd", "/etc/localtime", "GMT+99", "+aa"])
    func unknownZonesAreRefused(name: String) {
        #expect(throws: TimeZoneRules.Problem.self) { try TimeZoneRules(named: name) }
    }

    @Test func rulesChangeAtTheirHour() throws {
        let rule = try #require(PosixZoneRule("CET-1CEST,M3.5.0,M10.5.0/3"))
        // 2024-03-31T01:00Z and 2024-10-27T01:00Z.
        #expect([1_711_846_799, 1_711_846_800].map(rule.offset) == [3600, 7200])
        #expect([1_729_990_799, 1_729_990_800].map(rule.offset) == [7200, 3600])
        #expect(PosixZoneRule("<-03>3")?.offset(at: 0) == -10_800)
        #expect(PosixZoneRule("nonsense!") == nil)
    }

    @Test func datesGoThereAndBack() {
        var random = SeededRandom(2)
        for _ in 0..<5000 {
            let days = Int.random(in: -1_000_000...1_000_000, using: &random)
            let date = CivilTime.date(daysSinceEpoch: days)
            #expect(CivilTime.days(date.year, date.month, date.day) == days)
        }
    }
}
