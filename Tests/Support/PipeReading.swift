import Foundation

extension FileHandle {
    /// The bytes that are there, up to 64 KiB, after waiting for the first; empty at the end.
    ///
    /// Foundation's `availableData` ends the process when a signal interrupts it.
    func nextBytes() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Foundation.read(fileDescriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return Array(buffer.prefix(max(count, 0)))
        }
    }

    func bytesToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = nextBytes()
            if more.isEmpty { return all }
            all += more
        }
    }
}
