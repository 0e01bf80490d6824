import Foundation
import TestSupport

/// A server with a certificate that only itself has signed, or an authority of the test's own, by OpenSSL's program.
struct EncryptedServer {
    let port: Int
    /// The file of the authority, for whoever is to trust it.
    let authority: String
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
        let port = try TestTools.freePort()
        let process = try ChildProcess(
            program, ["s_server", "-accept", "\(port)", "-key", key, "-cert", certificate, "-www"])
        try await process.waitForLine(containing: "ACCEPT")
        return EncryptedServer(port: port, authority: certificate, process: process, folder: folder)
    }

    /// With a certificate for a name that an office has signed, which a test authority has signed.
    ///
    /// - Parameters:
    ///   - days: that it is good for; negative: since when it is over.
    ///   - isWhole: whether the office's certificate is shown, too.
    static func start(signedFor name: String, days: Int = 5, isWhole: Bool = true) async throws -> EncryptedServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "encrypted-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func file(_ name: String) -> String { folder.appending(path: name).path() }
        func openssl(_ words: String) async throws {
            _ = try await ChildProcess.run(program, words.split(separator: " ").map(String.init))
        }
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
        try "basicConstraints=critical,CA:TRUE\n".write(toFile: file("office.ext"), atomically: true, encoding: .utf8)
        try "subjectAltName=DNS:\(name)\n".write(toFile: file("site.ext"), atomically: true, encoding: .utf8)
        try await openssl("req -x509 \(key) \(file("ca.key")) -out \(file("ca.pem")) -subj /CN=Authority -days 9")
        for (part, signer, days) in [("office", "ca", 9), ("site", "office", days)] {
            try await openssl("req \(key) \(file("\(part).key")) -out \(file("\(part).csr")) -subj /CN=\(part)")
            try await openssl(
                "x509 -req -in \(file("\(part).csr")) -CA \(file("\(signer).pem")) -CAkey \(file("\(signer).key"))"
                    + " -CAcreateserial -days \(days) -extfile \(file("\(part).ext")) -out \(file("\(part).pem"))")
        }
        let port = try TestTools.freePort()
        let chain = isWhole ? ["-cert_chain", file("office.pem")] : []
        let process = try ChildProcess(
            program,
            ["s_server", "-accept", "\(port)", "-key", file("site.key"), "-cert", file("site.pem"), "-www"] + chain)
        try await process.waitForLine(containing: "ACCEPT")
        return EncryptedServer(port: port, authority: file("ca.pem"), process: process, folder: folder)
    }

    func stop() async throws {
        process.send(signal: SIGKILL)
        try await process.waitForExit()
        // Left behind, it is in nobody's way.
        try? FileManager.default.removeItem(at: folder)
    }
}
