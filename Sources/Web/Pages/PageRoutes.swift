import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// All pages for people.
enum PageRoutes {
    /// To be called after all other routes are there: what it adds at its end is for addresses that nobody knows.
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let site = Site(services)
        let open = router.group()
            .add(middleware: PageHeadersMiddleware(isSecure: site.isSecure))
            .add(middleware: PageErrorsMiddleware(site: site))
        open.get("/assets/:file") { request, _ in
            guard let response = site.assets.response(to: request) else {
                throw Failure(.notFound, "There is no such file.")
            }
            return response
        }
        CalendarDoor(site: site).add(to: open)
        DevicePages.addFiles(to: open)
        let visitors = open.group()
            .add(middleware: SessionMiddleware(site: site))
            .add(middleware: PageErrorsMiddleware(site: site))
        MailLinkPages(site: site).add(to: visitors.group().add(middleware: CSRFMiddleware(isTokenNeeded: false)))
        DevicePages(site: site).addPublic(to: visitors.group().add(middleware: CSRFMiddleware(isTokenNeeded: false)))
        StatusPagePages(site: site).addPublic(
            to: visitors.group().add(middleware: CSRFMiddleware(isTokenNeeded: false)))
        let forms = visitors.group().add(middleware: CSRFMiddleware())
        SessionPages(site: site).addPublic(to: forms)
        SetUpPages(site: site).addPublic(to: forms)
        let people = visitors.group()
            .add(middleware: SignedInMiddleware(site: site))
            .add(middleware: CSRFMiddleware())
        addSignedIn(to: people, site)
        router.add(middleware: UnknownPathMiddleware())
            .add(middleware: PageHeadersMiddleware(isSecure: site.isSecure))
            .add(middleware: PageErrorsMiddleware(site: site))
            .add(middleware: SessionMiddleware(site: site))
            .add(middleware: PageErrorsMiddleware(site: site))
    }

    private static func addSignedIn(to people: RouterGroup<WebContext>, _ site: Site) {
        people.get("/") { _, _ in site.seeOther(Links.alerts) }
        SessionPages(site: site).addSignedIn(to: people)
        ChangesPage(site: site).add(to: people)
        AlertPages(site: site).add(to: people)
        AlertSourceListPages(site: site).add(to: people)
        WizardPages(site: site).add(to: people)
        AlertSourcePages(site: site).add(to: people)
        AlertSourceEditPages(site: site).add(to: people)
        EventExplorerPages(site: site).add(to: people)
        MappingPages(site: site).add(to: people)
        MailRulesPages(site: site).add(to: people)
        RulesPages(site: site).add(to: people)
        GroupingPreviewPages(site: site).add(to: people)
        PolicyPages(site: site).add(to: people)
        SchedulePages(site: site).add(to: people)
        SupportHoursPages(site: site).add(to: people)
        MaintenancePages(site: site).add(to: people)
        HeartbeatPages(site: site).add(to: people)
        EventFlowPages(site: site).add(to: people)
        EventFlowNodePages(site: site).add(to: people)
        AlertActionPages(site: site).add(to: people)
        ConnectorPages(site: site).add(to: people)
        ChatIdentityPages(site: site).add(to: people)
        MonitorPages(site: site).add(to: people)
        IntegrationPages(site: site).add(to: people)
        StatusPagePages(site: site).add(to: people)
        ServicePages(site: site).add(to: people)
        UserPages(site: site).add(to: people)
        NotificationPages(site: site).add(to: people)
        SecurityPages(site: site).add(to: people)
        TeamPages(site: site).add(to: people)
        AccountPages(site: site).add(to: people)
        NodePages(site: site).add(to: people)
        PagingTimesPages(site: site).add(to: people)
        RehearsalPages(site: site).add(to: people)
        RetentionPages(site: site).add(to: people)
        DevicePages(site: site).add(to: people)
        DeliveryPages(site: site).add(to: people)
        ReadinessPages(site: site).add(to: people)
        SubscriptionPages(site: site).add(to: people)
        GuidePages(site: site).add(to: people)
    }
}

extension Site {
    func visit(_ request: Request, _ context: WebContext) throws(Failure) -> Visit {
        try Visit(request, context, now: engine.store.clock.now)
    }
}
