import Alerting
import Foundation

/// One file of the journal: records one after the other, each on the disk when `append` returns. Used under its
/// journal's lock.
struct JournalFile {
    /// The journal that it holds: its name without the ending.
    let id: String
    private(set) var size: Int64
    /// Where the first record begins that was not settled.
    private(set) var start: Int64
    /// Records from there on.
    private(set) var count: Int
    /// Bytes behind the last whole record: what a crash has torn, most likely.
    let tornBytes: Int64
    private let path: String
    private let descriptor: Int32

    static let ending = ".journal"
    private static let mark = Array("nightbell journal 1\n".utf8)

    /// Begins a new file; its name is on the disk when this returns.
    init(new id: String, in folder: String) throws(Failure) {
        path = "\(folder)/\(id)\(Self.ending)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("create \(path)") }
        self.id = id
        (size, start, count, tornBytes) = (Int64(Self.mark.count), Int64(Self.mark.count), 0, 0)
        do throws(Failure) {
            try Self.write(Self.mark[...], to: descriptor, at: 0, path)
            try Self.sync(descriptor, path)
            try Self.syncFolder(folder)
        } catch {
            close(descriptor)
            unlink(path)
            throw error
        }
    }

    /// Opens a file that an earlier process has left.
    ///
    /// - Returns: `nil` when it is no journal of ours.
    init?(left name: String, in folder: String) throws(Failure) {
        path = "\(folder)/\(name)"
        id = String(name.dropLast(Self.ending.count))
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open \(path)") }
        let first = Int64(Self.mark.count)
        guard Self.read(descriptor, at: 0, Self.mark.count) == Self.mark else {
            close(descriptor)
            return nil
        }
        var position = first
        var count = 0
        while let record = Self.record(descriptor, at: position) {
            position += Int64(record.count)
            count += 1
        }
        let end = Int64(lseek(descriptor, 0, SEEK_END))
        (size, start, self.count, tornBytes) = (position, first, count, max(end - position, 0))
    }

    /// - Throws: when the bytes are not on the disk; the file is as it was then.
    mutating func append(_ bytes: [UInt8], records: Int) throws(Failure) {
        do throws(Failure) {
            try Self.write(bytes[...], to: descriptor, at: size, path)
            try Self.sync(descriptor, path)
        } catch {
            // What is left of it is behind the last whole record, and is overwritten by the next.
            _ = ftruncate(descriptor, off_t(size))
            throw error
        }
        size += Int64(bytes.count)
        count += records
    }

    /// The first records that were not settled, and where the next one begins.
    func first(_ limit: Int, bytes most: Int) -> (records: [JournalRecord], end: Int64) {
        var records: [JournalRecord] = []
        var position = start
        while records.count < limit, position < size, position - start < Int64(most) {
            guard let bytes = Self.record(descriptor, at: position), let record = JournalRecord(bytes[...])
            else { break }
            records.append(record)
            position += Int64(bytes.count)
        }
        return (records, position)
    }

    mutating func settle(_ records: Int, upTo end: Int64) {
        start = end
        count -= records
    }

    /// Takes the file away; what could not be read of it stays under another name.
    func remove() {
        if tornBytes > 0 || count > 0 { rename(path, path + ".rest") } else { unlink(path) }
        close(descriptor)
    }

    func closeFile() { close(descriptor) }

    /// A whole record at a place, with its header; `nil`: there is none.
    private static func record(_ descriptor: Int32, at position: Int64) -> [UInt8]? {
        guard let header = read(descriptor, at: position, JournalRecord.headerSize),
            let length = JournalRecord.payloadLength(header[...]),
            let record = read(descriptor, at: position, JournalRecord.headerSize + length),
            JournalRecord(record[...]) != nil
        else { return nil }
        return record
    }

    private static func read(_ descriptor: Int32, at position: Int64, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let step = bytes.withUnsafeMutableBytes { raw in
                pread(descriptor, raw.baseAddress.map { $0 + done }, count - done, off_t(position) + off_t(done))
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { return nil }
            done += step
        }
        return bytes
    }

    private static func write(
        _ bytes: ArraySlice<UInt8>, to descriptor: Int32, at position: Int64, _ path: String
    ) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let step = bytes.withUnsafeBytes { raw in
                pwrite(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done, off_t(position) + off_t(done))
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw failure("write \(path)") }
            done += step
        }
    }

    private static func sync(_ descriptor: Int32, _ path: String) throws(Failure) {
        guard fdatasync(descriptor) == 0 else { throw failure("sync \(path)") }
    }

    private static func syncFolder(_ folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync \(folder)") }
    }

    private static func failure(_ task: String) -> Failure {
        Failure(.unavailable, "Could not \(task): \(String(cString: strerror(errno))).")
    }
}
