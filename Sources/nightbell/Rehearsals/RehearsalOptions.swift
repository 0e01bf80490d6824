import Alerting
import ArgumentParser
import Engine
import Foundation
import Simulation
import Storage

/// Where a rehearsal's configuration comes from, and what it can send on.
struct RehearsalOptions: ParsableArguments {
    @OptionGroup var data: DataOptions
    @Option(name: .customLong("export"), help: "A file of nightbell export, instead of the live configuration.")
    var exportFile: String?
    @Option(help: "The channels that the server sends on, as in email,sms,voice (default: as it is set up).")
    var channels: String?

    /// A copy of the configuration, taken once.
    func copy() async throws -> ConfigurationCopy {
        if let exportFile { return try Self.read(exportFile) }
        let driver = try StorageDriver.openExisting(data.configuration())
        do {
            let place = try await TemporaryStage().open()
            defer { place.close() }
            let copy = try await driver.database.read { try ConfigurationCopy.read(columns: place.columns, in: $0) }
            try driver.close()
            return copy
        } catch {
            // What went wrong while reading is what is told.
            try? driver.close()
            throw error
        }
    }

    func rehearsal(on copy: ConfigurationCopy) throws -> LiveRehearsal {
        LiveRehearsal(
            .export(copy), stage: TemporaryStage(), channels: try chosenChannels(of: copy), throttles: copy.channels)
    }

    /// Those that were asked for; else those of the server; of one that was never started mail, which needs no setting.
    private func chosenChannels(of copy: ConfigurationCopy) throws -> [Channel] {
        guard let channels else { return copy.channels.isEmpty ? [.email] : Array(copy.channels.keys) }
        return try channels.split(separator: ",").map { name in
            guard let channel = Channel(rawValue: String(name).lowercased()) else {
                let all = Channel.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.invalid("channels", "there is no channel \(name); there are \(all).")
            }
            return channel
        }
    }

    static func read(_ path: String) throws -> ConfigurationCopy {
        let bytes = try InputFile.read(path, limit: Limits.exportFile)
        do {
            return try ConfigurationCopy(json: JSONValue.parse(bytes))
        } catch let error as StorageError {
            throw error
        } catch {
            throw Failure(.invalid, "The file \(path) is no JSON.", cause: "\(error)")
        }
    }
}

/// The alert source of a story, by its name or id.
extension ConfigurationCopy {
    /// - Throws: `Failure.notFound` that says which there are.
    func source(_ reference: String) throws(Failure) -> AlertSource.ID {
        guard let table = tables.first(where: { $0.name == "alert_sources" }),
            let id = table.columns.firstIndex(of: "id"), let name = table.columns.firstIndex(of: "name")
        else { throw Failure(.notFound, "There are no alert sources.") }
        var names: [String] = []
        for row in table.rows {
            guard case .integer(let number) = row[id], case .text(let text) = row[name] else { continue }
            if text == reference || String(number) == reference { return AlertSource.ID(number) }
            names.append("“\(text)”")
        }
        let list = names.isEmpty ? "none" : names.prefix(20).joined(separator: ", ")
        throw Failure(.notFound, "There is no alert source “\(Limits.cut(reference, to: 100))”; there are: \(list).")
    }
}

/// A file that somebody names on the command line; `-` is standard input.
enum InputFile {
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        if path == "-" { return Console.readInput(limit: limit) }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Failure(.notFound, "The file \(path) cannot be read.")
        }
        let data: Data?
        do {
            data = try handle.read(upToCount: limit + 1)
            try handle.close()
        } catch {
            throw Failure(.unavailable, "The file \(path) cannot be read.", cause: "\(error)")
        }
        guard (data?.count ?? 0) <= limit else {
            throw Failure(.tooLarge, "The file \(path) has more than \(limit) bytes.")
        }
        return [UInt8](data ?? Data())
    }
}
