import Alerting
import Engine
import HTTPTypes
import Hummingbird

/// Something that is deleted only by whoever types its name.
struct Deletion {
    let section: Section
    let crumbs: [Frame.Crumb]
    /// A question.
    let heading: String
    /// What goes with it.
    let consequence: String
    let name: String
    /// Its own page; the deletion's is below it.
    let page: String

    static let wrongName = Failure(.invalid, "Type the name exactly as it is shown.")
}

struct DeletionPage: HTMLPage {
    static let template = "deletion"
    let frame: Frame
    let heading: String
    let problem: String?
    let consequence: String
    let name: String
    let link: String
    let back: String
}

extension Site {
    /// Asks for the name.
    ///
    /// - Parameter failure: why it was not deleted; `nil`: nobody has tried yet.
    func ask(_ deletion: Deletion, failure: Failure? = nil, _ context: WebContext) -> Response {
        let page = DeletionPage(
            frame: frame("Delete", deletion.section, crumbs: deletion.crumbs, context), heading: deletion.heading,
            problem: failure?.sentence, consequence: deletion.consequence, name: deletion.name,
            link: deletion.page + "/deletion", back: deletion.page)
        return response(page, status: failure?.code.status ?? .ok)
    }

    /// Deletes what was named, and goes on to the list with `words`; what stands against it is told on the page.
    func delete(
        _ deletion: Deletion, _ visit: Visit, back list: String, done words: String, _ delete: () async throws -> Void
    ) async throws -> Response {
        do {
            guard visit.form["name"] == deletion.name else { throw Deletion.wrongName }
            try await delete()
            return seeOther(list, .done(words))
        } catch let failure as Failure where failure.isForTheForm {
            return ask(deletion, failure: failure, visit.context)
        }
    }
}
