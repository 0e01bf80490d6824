import Foundation
import Glibc

/// A disk in the machine's memory that is full when a test says so; gone with this value. Only who may mount can make
/// one.
public final class SmallDisk: Sendable {
    public struct NotMade: Error, CustomStringConvertible {
        public var description: String
    }

    public let path: String

    /// Whether this process may make one.
    public static let isPossible: Bool = {
        // Why not is of no interest: tests that need one say that it takes the right to mount.
        geteuid() == 0 && (try? SmallDisk(megabytes: 1)) != nil
    }()

    public init(megabytes: Int) throws {
        // Short, whatever TMPDIR says: a database server's socket may be here.
        path = "/tmp/nightbell-disk-\(UUID().uuidString.prefix(8))"
        guard mkdir(path, 0o755) == 0 else { throw Self.failure("make the folder \(path)") }
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            defer { rmdir(path) }
            throw Self.failure("mount a disk at \(path)")
        }
    }

    deinit {
        // Whoever still has a file open there keeps what is in it until he closes it.
        umount2(path, CInt(MNT_DETACH))
        rmdir(path)
    }

    /// Takes all the room there is.
    public func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("make \(path)/filler") }
        defer { close(descriptor) }
        for size in [65_536, 4096, 512] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, size) == size {}
        }
    }

    /// Gives back what `fill` has taken.
    public func makeRoom() {
        unlink(path + "/filler")
    }

    private static func failure(_ task: String) -> NotMade {
        NotMade(description: "could not \(task): \(String(cString: strerror(errno)))")
    }
}
