import Alerting
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The few files that pages need. Each is served under a name with a hash of its content, so a browser may keep it.
struct Assets: Sendable {
    private struct File: Sendable {
        let link: String
        let type: String
        let body: ByteBuffer
        let tag: String
    }

    private let files: [String: File]
    let style: String
    let script: String
    let icon: String
    /// For the page that subscribes a browser.
    let pushScript: String

    /// One sheet for all pages: what is common first, then what single areas add in files of their own.
    private static let styles: [[UInt8]] = [
        PackageResources.nightbell_css, PackageResources.nightbell_windows_css,
        PackageResources.nightbell_css,
        PackageResources.nightbell_rules_css, PackageResources.nightbell_mail_css,
        PackageResources.nightbell_rules_css,
        PackageResources.nightbell_escalation_css,
        PackageResources.nightbell_css, PackageResources.nightbell_windows_css, PackageResources.nightbell_rules_css,
        PackageResources.nightbell_schedules_css,
        PackageResources.nightbell_reach_css,
        PackageResources.nightbell_css, PackageResources.nightbell_windows_css, PackageResources.nightbell_rules_css,
        PackageResources.nightbell_monitors_css,
        PackageResources.nightbell_services_css,
    ]

    /// Made when the first page is asked for: a node that shows none needs none.
    static let shared = Assets()

    private init() {
        let style = Self.file("nightbell", "css", "text/css; charset=utf-8", Self.styles.flatMap(\.self))
        let script = Self.file("nightbell", "js", "text/javascript; charset=utf-8", PackageResources.nightbell_js)
        let icon = Self.file("icon", "svg", "image/svg+xml", PackageResources.icon_svg)
        let push = Self.file("push", "js", "text/javascript; charset=utf-8", PackageResources.nightbell_push_js)
        files = Dictionary(uniqueKeysWithValues: [style, script, icon, push].map { ($0.link, $0) })
        pushScript = push.link
        (self.style, self.script, self.icon) = (style.link, script.link, icon.link)
    }

    private static func file(_ name: String, _ ending: String, _ type: String, _ bytes: [UInt8]) -> File {
        let hash = SHA256.hash(data: Data(bytes)).prefix(6).hexadecimal
        return File(
            link: "/assets/\(name)-\(hash).\(ending)", type: type, body: ByteBuffer(bytes: bytes), tag: "\"\(hash)\"")
    }

    /// - Returns: `nil` for a name that is none of ours.
    func response(to request: Request) -> Response? {
        guard let file = files[request.uri.path] else { return nil }
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: file.tag, .cacheControl: "public, max-age=31536000, immutable",
        ]
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        headers[.contentLength] = "\(file.body.readableBytes)"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.body))
    }
}
