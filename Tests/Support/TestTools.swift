public import Foundation

/// Where the tests find the programs and files that are not Swift.
public enum TestTools {
    public struct Missing: Error, CustomStringConvertible {
        public var description: String
    }

    /// The folder of `Package.swift`.
    public static var packageRoot: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// The path of a script in `Tests/Support/python`.
    public static func script(_ name: String) -> String {
        packageRoot.appendingPathComponent("Tests/Support/python/\(name)").path
    }

    /// Python with the packages of `Tests/Support/python/requirements.txt`, from the virtual environment that
    /// `NIGHTBELL_TOOLS` names or else `.tools/venv`.
    public static func python() throws -> String {
        let environment = ProcessInfo.processInfo.environment["NIGHTBELL_TOOLS"]
        let folder = environment ?? packageRoot.appendingPathComponent(".tools/venv").path
        let python = "\(folder)/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Missing(description: "\(python) is missing; `make tools` installs it")
        }
        return python
    }

    /// A port of 127.0.0.1 that nobody has, and that the system gives to nobody else in the next moments.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else { throw Missing(description: "no port is free: \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
