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
}
