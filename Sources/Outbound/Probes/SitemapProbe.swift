import Alerting
import Foundation

/// Fetches all pages that a sitemap names, and those of the sitemaps that it names.
struct SitemapProbe: Sendable {
    let fetch: Fetch

    private static let mostBytes = 10 * 1024 * 1024
    private static let mostMaps = 10
    private static let atOnce = 8

    func run(_ check: SitemapCheck, within limit: Duration) async -> CheckAnswer {
        let start = ContinuousClock.now
        let left = { @Sendable in limit - (ContinuousClock.now - start) }
        var answer = await fetch(check.url, Self.mostBytes, limit).answer
        guard answer.problem == nil, (200...399).contains(answer.status ?? 0) else { return answer }
        guard !answer.isCut else {
            (answer.body, answer.problem) = ([], .tooLarge)
            answer.detail = "the sitemap is larger than \(Self.mostBytes / 1024 / 1024) MB"
            return answer
        }
        var (pages, maps) = Self.read(answer.body)
        answer.body = []
        for map in maps.prefix(Self.mostMaps) where pages.count < check.most {
            let inner = await fetch(map, Self.mostBytes, left()).answer
            if let problem = PageProbe.problem(inner) {
                answer.problem = .broken
                answer.detail = "the sitemap \(Limits.cut(map, to: 100)) cannot be read: \(problem)"
                return answer
            }
            pages += Self.read(inner.body).pages
        }
        maps = []
        let urls = Array(pages.prefix(check.most))
        // Its head is enough to know whether a page is there.
        let fetched = await Many.fetch(urls, bytes: 64 * 1024, atOnce: Self.atOnce, fetch, left: left)
        var parts = CheckAnswer.Parts(count: urls.count, bytes: 0, isCut: pages.count > urls.count)
        for (url, page) in zip(urls, fetched) {
            parts.bytes += page.body.count
            if let reason = PageProbe.problem(page) { parts.broken.append("\(Limits.cut(url, to: 100)) (\(reason))") }
        }
        answer.parts = parts
        answer.total = ContinuousClock.now - start
        return answer
    }

    /// What stands in `<loc>`: of pages, or of further sitemaps in an index.
    ///
    /// Source: sitemaps.org, protocol 0.9, read 2026-11-27.
    static func read(_ body: [UInt8]) -> (pages: [String], maps: [String]) {
        let text = String(decoding: body, as: UTF8.self)
        var found: [String] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "<loc>"), found.count < 50_000 {
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "</loc>") else { break }
            var url = rest[..<close.lowerBound].trimmingCharacters(in: .whitespacesAndNewlines)
            for (entity, letter) in [("&amp;", "&"), ("&apos;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">")] {
                url = url.replacing(entity, with: letter)
            }
            if url.hasPrefix("http://") || url.hasPrefix("https://") { found.append(url) }
            rest = rest[close.upperBound...]
        }
        return text.contains("<sitemapindex") ? ([], found) : (found, [])
    }
}
