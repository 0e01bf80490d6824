import Foundation
import Storage
import StoragePostgres
import TestSupport
import Testing

extension SystemTests {
    /// PostgreSQL by TCP and TLS, with a certificate of the tests' own.
    @Suite(.serialized) struct EncryptedPostgresTests {
        /// A server whose certificate says "localhost".
        private final class Office: Sendable {
            let folder = "/tmp/nightbell-tls-\(UUID().uuidString.prefix(8))"
            let port: Int
            let server: PostgresServer
            var certificate: String { folder + "/cert.pem" }
            /// Somebody else's, for the same name.
            var other: String { folder + "/other.pem" }

            init() async throws {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let (key, certificate) = (folder + "/key.pem", folder + "/cert.pem")
                for (key, certificate) in [(key, certificate), (folder + "/other.key", folder + "/other.pem")] {
                    _ = try await ChildProcess.run(
                        "/usr/bin/openssl",
                        [
                            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                            key, "-out", certificate, "-subj", "/CN=localhost", "-days", "5",
                        ])
                }
                _ = try await ChildProcess.run("/bin/chmod", ["600", key])
                // The server does not run as root, and takes no key that others may read.
                if getuid() == 0 { _ = try await ChildProcess.run("/bin/chown", ["postgres:", key]) }
                port = try TestTools.freePort()
                server = try PostgresServer(
                    isDurable: false,
                    settings: [
                        "listen_addresses=127.0.0.1", "port=\(port)", "ssl=on", "ssl_cert_file=\(certificate)",
                        "ssl_key_file=\(key)",
                    ])
            }

            deinit {
                // What is left there is the system's to remove.
                try? FileManager.default.removeItem(atPath: folder)
            }

            func database(host: String = "localhost", _ options: String) throws -> PostgresDatabase {
                PostgresDatabase(
                    try PostgresAddress("postgres://nightbell@\(host):\(port)/postgres?hostaddr=127.0.0.1&\(options)"))
            }
        }

        @Test func `given a certificate, when it is asked for in full, then only the right name and authority will do`()
            async throws
        {
            let office = try await Office()
            let sql =
                "SELECT CASE WHEN ssl THEN 1 ELSE 0 END AS is_encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

            let right = try office.database("sslmode=verify-full&sslrootcert=\(office.certificate)")
            let rows = try await right.read { try $0.query(sql, [:]) }
            #expect(try rows.map { try $0.int("is_encrypted") } == [1])
            right.close()

            let plain = try office.database("sslmode=disable")
            #expect(try await plain.read { try $0.query(sql, [:]) }.map { try $0.int("is_encrypted") } == [0])
            plain.close()

            let strange = try office.database(
                host: "db.example.com", "sslmode=verify-full&sslrootcert=\(office.certificate)")
            let unknown = try office.database("sslmode=verify-full&sslrootcert=\(office.other)")
            for (database, words) in [(strange, "db.example.com"), (unknown, "certificate")] {
                let error = await #expect(throws: StorageError.self) {
                    try await database.read { try $0.query(sql, [:]) }
                }
                #expect("\(String(describing: error))".contains(words), "\(String(describing: error))")
                database.close()
            }
        }
    }
}
