import Alerting
import ArgumentParser
import Engine
import Simulation

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Who gets paged if…: play an event on a copy of the configuration.",
        discussion: """
            Runs the server's own loops on a copy of the live configuration (or of an export) with another clock, and \
            says minute by minute what would happen and why. Nothing is sent and nothing of the installation changes; \
            the server may run meanwhile.
            """)

    @OptionGroup var options: RehearsalOptions
    @Option(help: "When: \"2026-10-25T02:30 Europe/Berlin\" or 2026-10-25T00:30:00Z; default: now.") var at: String?
    @Option(help: "The alert source, by its name or id.") var source: String
    @Option(help: "The file with what the tool sends; - is standard input.") var payload: String
    @Option(help: "The payload's content type; default: as it looks.") var contentType: String?
    @Option(help: "How long nobody reacts, as in 60m (the default), 2h or 1d.") var silent: String?
    @Option(help: "Whoever is paged first accepts then, as in 12m.") var acceptAfter: String?
    @Option(help: "text or json.") var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    func run() async throws {
        try await Ending.inOneSentence {
            let start = try at.map { try StoryTime($0) } ?? StoryTime(time: SystemClock().now, zone: .utc)
            let copy = try await options.copy()
            let acceptance = try acceptAfter.map { try Duration(storyText: $0, "accept-after") }
            let length = try silent.map { try Duration(storyText: $0, "silent") }
            let body = try InputFile.read(payload, limit: Limits.ingestBody)
            let story = RehearsalStory(
                at: start.time, source: try copy.source(source),
                posts: [.init(request: RehearsalStory.request(body, contentType: contentType))],
                acceptAfter: acceptance, length: length ?? max(.minutes(60), (acceptance ?? .zero) + .minutes(1)))
            let report = try await options.rehearsal(on: copy).rehearse(story)
            switch format {
            case .text: Console.write(ReportText(report: report, start: start).text)
            case .json: Console.write(ReportJSON.value(report, start).text)
            }
        }
    }
}
