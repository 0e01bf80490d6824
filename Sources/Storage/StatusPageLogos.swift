public import Alerting

/// A picture that a status page shows beside its name.
public struct StatusPageLogo: Equatable, Sendable {
    /// Such as `image/png`.
    public var mediaType: String
    public var image: [UInt8]

    public init(mediaType: String, image: [UInt8]) {
        self.mediaType = mediaType
        self.image = image
    }
}

/// The `status_page_logos` table.
public enum StatusPageLogos {
    /// - Parameter logo: `nil`: the page has none any more.
    public static func set(
        _ logo: StatusPageLogo?, tag: String?, of page: StatusPage.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute("DELETE FROM status_page_logos WHERE status_page_id = :page", ["page": .init(page)])
        try transaction.execute(
            "UPDATE status_pages SET logo_tag = :tag WHERE id = :page", ["tag": .init(tag), "page": .init(page)])
        guard let logo else { return }
        try transaction.execute(
            "INSERT INTO status_page_logos (status_page_id, media_type, image) VALUES (:page, :type, :image)",
            ["page": .init(page), "type": .text(logo.mediaType), "image": .blob(logo.image)])
    }

    public static func find(
        of page: StatusPage.ID, in transaction: any Transaction
    ) throws(StorageError) -> StatusPageLogo? {
        try transaction.query(
            "SELECT media_type, image FROM status_page_logos WHERE status_page_id = :page", ["page": .init(page)]
        ).first.map { row throws(StorageError) in
            StatusPageLogo(mediaType: try row.text("media_type"), image: try row.blob("image"))
        }
    }
}
