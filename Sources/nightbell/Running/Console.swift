import Foundation

/// Standard output and standard error, written at once: whoever reads a pipe need not wait for a buffer to fill.
enum Console {
    static func write(_ line: String = "") { put(line + "\n", to: STDOUT_FILENO) }

    static func writeError(_ line: String) { put(line + "\n", to: STDERR_FILENO) }

    /// All that comes on standard input up to its end, at most `limit` bytes.
    static func readInput(limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return Array(bytes.prefix(limit))
    }

    private static func put(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let step = bytes[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if step < 0, errno == EINTR { continue }
            // Nobody reads any more: there is nobody to tell.
            guard step > 0 else { return }
            written += step
        }
    }
}
