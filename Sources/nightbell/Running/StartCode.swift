import Foundation
import Glibc

/// Machine code that only the start has run: command line, migrations, templates, set-up of libraries.
enum StartCode {
    /// Gives its memory back to the system. Whatever is run again is mapped again, page by page, from the file's cache.
    ///
    /// Only code: such pages are never written to, so that nothing can be lost with them.
    ///
    /// Source: madvise(2) and proc_pid_maps(5), read 2026-11-27.
    static func giveBack() {
        // Without the list everything simply stays where it is.
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
            // Refused, it stays.
            _ = madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
