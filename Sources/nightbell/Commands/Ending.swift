import Alerting
import ArgumentParser
import Foundation
import Storage

/// How a command ends that cannot go on: with one sentence on standard error and an exit code, never with a trace.
enum Ending {
    /// Runs `body`; code 1 for what went wrong, 64 for wrong settings.
    static func inOneSentence(_ body: () async throws -> Void) async throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            try await body()
        } catch let mistakes as ServerConfiguration.Mistakes {
            Console.writeError("nightbell: \(mistakes)")
            throw ExitCode(EX_USAGE)
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.writeError("nightbell: \(sentence(about: error))")
            throw ExitCode.failure
        }
    }

    private static func sentence(about error: any Error) -> String {
        switch error {
        case let failure as Failure: failure.message + (failure.cause.map { " (\($0))" } ?? "")
        case let error as MigrationError: error.description
        case StorageError.conflict(let words): words
        case StorageError.unavailable(let message), StorageError.failed(let message),
            StorageError.damaged(let message):
            message
        case StorageError.full: "The disk is full."
        case StorageError.unreadable(let column): "The database is damaged: the column \(column) cannot be read."
        default: "\(error)"
        }
    }
}
