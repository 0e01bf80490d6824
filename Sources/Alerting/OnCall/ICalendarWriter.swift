/// Writes shifts as a calendar that other programs subscribe to (RFC 5545), in UTC.
public enum ICalendarWriter {
    public struct Event: Equatable, Sendable {
        /// The same whenever the same shift is written.
        public var uid: String
        public var span: TimeSpan
        public var summary: String
        public var description: String

        public init(uid: String, span: TimeSpan, summary: String, description: String = "") {
            self.uid = uid
            self.span = span
            self.summary = summary
            self.description = description
        }
    }

    /// - Parameters:
    ///   - zone: the name of the zone that the schedule is kept in, a hint to readers.
    ///   - now: when it is written.
    public static func text(name: String, zone: String, events: [Event], at now: Timestamp) -> String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Nightbell//On call//EN", "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH", "NAME:\(escaped(name))", "X-WR-CALNAME:\(escaped(name))",
            "X-WR-TIMEZONE:\(escaped(zone))",
            "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M",
        ]
        for event in events {
            lines += [
                "BEGIN:VEVENT", "UID:\(escaped(event.uid))", "DTSTAMP:\(utc(now))", "DTSTART:\(utc(event.span.start))",
                "DTEND:\(utc(event.span.end))", "SUMMARY:\(escaped(event.summary))",
            ]
            if !event.description.isEmpty { lines.append("DESCRIPTION:\(escaped(event.description))") }
            lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
        }
        lines.append("END:VCALENDAR")
        return lines.map { folded($0) + "\r\n" }.joined()
    }

    /// `20260105T080000Z`; fractions of a second are cut off.
    static func utc(_ time: Timestamp) -> String {
        time.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\", ";", ",": result += "\\\(character)"
            case "\n", "\r\n", "\r": result += "\\n"
            default:
                let isControl = character.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
                if !isControl || character == "\t" { result.append(character) }
            }
        }
        return result
    }

    /// Lines of at most 75 bytes; what follows begins with a blank. A character is never cut.
    private static func folded(_ line: String) -> String {
        guard line.utf8.count > 75 else { return line }
        var result = ""
        var count = 0
        for scalar in line.unicodeScalars {
            let size = String(scalar).utf8.count
            if count + size > 75 {
                result += "\r\n "
                count = 1
            }
            result.unicodeScalars.append(scalar)
            count += size
        }
        return result
    }
}
