import ArgumentParser

@main
struct Nightbell: AsyncParsableCommand {
    /// What `--version`, the pages and the API say.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "nightbell",
        abstract: "An on-call server: alerts in, the right person paged, until somebody accepts.",
        version: version,
        subcommands: [
            ServeCommand.self, SetUpCommand.self, APIKeyCommand.self, MigrateCommand.self, BackupCommand.self,
            CopyCommand.self, DemoCommand.self, SimulateCommand.self, CheckCommand.self, ExportCommand.self,
            ProbeCommand.self, ImportCommand.self,
        ])
}
