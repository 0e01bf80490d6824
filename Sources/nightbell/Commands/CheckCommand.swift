import Alerting
import ArgumentParser
import Engine
import Foundation
import Simulation

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Play the stories of a file and compare them with what it expects.",
        discussion: """
            Ends with code 0 when every story comes to what is expected, 1 when one does not, and 65 for a file that \
            cannot be read. The file is YAML; the guide's page on simulation describes it.
            """)

    @OptionGroup var options: RehearsalOptions
    @Flag(help: "Tell stories that fail minute by minute.") var verbose = false
    @Argument(help: "The file with the stories.") var file: String

    func run() async throws {
        try await Ending.inOneSentence {
            let stories: StoryFile
            do throws(Failure) {
                stories = try read()
            } catch {
                Console.writeError("nightbell: \(file): \(error.message)")
                throw ExitCode(EX_DATAERR)
            }
            let copy =
                if let export = stories.export, options.exportFile == nil {
                    try RehearsalOptions.read(export)
                } else {
                    try await options.copy()
                }
            let rehearsal = try options.rehearsal(on: copy)
            var failed = 0
            for story in stories.stories {
                let faults = try await play(story, on: rehearsal, source: copy.source(story.source))
                if !faults.isEmpty { failed += 1 }
                Console.write((faults.isEmpty ? "ok      " : "FAILED  ") + story.name)
                for fault in faults { Console.write("        \(fault)") }
            }
            Console.write("\(stories.stories.count) stories, \(failed) failed.")
            if failed > 0 { throw ExitCode.failure }
        }
    }

    private func read() throws(Failure) -> StoryFile {
        let bytes = try InputFile.read(file, limit: Limits.storyFile)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.invalid, "The file is not UTF-8.")
        }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        return try StoryFile(text, folder: folder)
    }

    private func play(
        _ story: StoryFile.Story, on rehearsal: LiveRehearsal, source: AlertSource.ID
    ) async throws -> [String] {
        let report = try await rehearsal.rehearse(
            RehearsalStory(
                at: story.at.time, source: source, posts: story.posts, acceptAfter: story.acceptAfter,
                length: story.length))
        let faults = story.expectations.compactMap { $0.fault(in: report, story.at) }
        guard verbose, !faults.isEmpty else { return faults }
        let told = ReportText(report: report, start: story.at).text
        return faults + told.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
