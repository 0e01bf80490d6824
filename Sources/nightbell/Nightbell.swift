import ArgumentParser

@main
struct Nightbell: AsyncParsableCommand {
    func run() async throws {}
}
