/// Points in time that something waits for, in milliseconds.
public enum Deadline {
    /// The time so long after `now`; the end of time where there is none, since people write
    /// "for ever" as the longest duration there is.
    public static func after(_ now: Int64, _ interval: Int64) -> Int64 {
        let (time, overflow) = now.addingReportingOverflow(interval)
        return overflow ? .max : time
    }
}
