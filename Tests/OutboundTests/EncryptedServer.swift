import Foundation
import TestSupport

/// A server with a certificate that only itself has signed, by OpenSSL's own program.
struct EncryptedServer {
    let port: Int
    private let process: ChildProcess
    private let folder: URL

    private static let program = "/usr/bin/openssl"

    static func start() async throws -> EncryptedServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "encrypted-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (key, certificate) = (folder.appending(path: "key.pem").path(), folder.appending(path: "cert.pem").path())
        _ = try await ChildProcess.run(
            program,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                "-out", certificate, "-subj", "/CN=localhost", "-days", "5",
            ])
        // Taken from the system just now; nobody else takes it in the next moments.
        let port = try await freePort()
        let process = try ChildProcess(
            program, ["s_server", "-accept", "\(port)", "-key", key, "-cert", certificate, "-www"])
        try await process.waitForLine(containing: "ACCEPT")
        return EncryptedServer(port: port, process: process, folder: folder)
    }

    func stop() async throws {
        process.send(signal: SIGKILL)
        try await process.waitForExit()
        // Left behind, it is in nobody's way.
        try? FileManager.default.removeItem(at: folder)
    }

    private static func freePort() async throws -> Int {
        let server = try await WebServer { _ in .close }
        let port = server.port
        try await server.stop()
        return port
    }
}
