import Mustache

/// Every template of the product, embedded in the binary.
enum TemplateList {
    static func library() -> MustacheLibrary {
        var library = MustacheLibrary()
        for (name, bytes) in shared + pages {
            do {
                try library.register(String(decoding: bytes, as: UTF8.self), named: name)
            } catch {
                preconditionFailure("template \(name): \(error)")
            }
        }
        return library
    }

    static var names: [String] { (shared + pages).map(\.0) }

    private static var shared: [(String, [UInt8])] {
        [
            ("layout", PackageResources.layout_mustache),
            ("masthead", PackageResources.masthead_mustache),
            ("logo", PackageResources.logo_mustache),
            ("crumbs", PackageResources.crumbs_mustache),
            ("form-token", PackageResources.form_token_mustache),
            ("moment", PackageResources.moment_mustache),
            ("moment-age", PackageResources.moment_age_mustache),
            ("pager", PackageResources.pager_mustache),
            ("problem", PackageResources.problem_mustache),
            ("alert-actions", PackageResources.alert_actions_mustache),
            ("alert-snooze", PackageResources.alert_snooze_mustache),
            ("alert-facts", PackageResources.alert_facts_mustache),
            ("alert-messages", PackageResources.alert_messages_mustache),
            ("alert-trace", PackageResources.alert_trace_mustache),
            ("alert-list-empty", PackageResources.alert_list_empty_mustache),
            ("wizard-progress", PackageResources.wizard_progress_mustache),
            ("wizard-hidden", PackageResources.wizard_hidden_mustache),
            ("grouping-choices", PackageResources.grouping_choices_mustache),
            ("source-head", PackageResources.source_head_mustache),
            ("source-connection", PackageResources.source_connection_mustache),
            ("source-maintenance", PackageResources.source_maintenance_mustache),
            ("flow-outline", PackageResources.flow_outline_mustache),
            ("flow-side", PackageResources.flow_side_mustache),
            ("source-limits", PackageResources.source_limits_mustache),
            ("priority-choices", PackageResources.priority_choices_mustache),
            ("heartbeat-snippets", PackageResources.heartbeat_snippets_mustache),
            ("source-test", PackageResources.source_test_mustache),
            ("source-rapidspike", PackageResources.source_rapidspike_mustache),
            ("rules-conditions", PackageResources.rules_conditions_mustache),
            ("rules-templates", PackageResources.rules_templates_mustache),
            ("rules-preview", PackageResources.rules_preview_mustache),
            ("trace", PackageResources.trace_mustache),
            ("mail-predicate", PackageResources.mail_predicate_mustache),
            ("mapping-fields", PackageResources.mapping_fields_mustache),
            ("schedule-timeline", PackageResources.schedule_timeline_mustache),
            ("schedule-head", PackageResources.schedule_head_mustache),
            ("schedule-facts", PackageResources.schedule_facts_mustache),
            ("calendar-feed", PackageResources.calendar_feed_mustache),
            ("shift-offer", PackageResources.shift_offer_mustache),
            ("schedule-preview", PackageResources.schedule_preview_mustache),
            ("schedule-layer", PackageResources.schedule_layer_mustache),
            ("schedule-hours", PackageResources.schedule_hours_mustache),
            ("schedule-shifts", PackageResources.schedule_shifts_mustache),
            ("on-call-person", PackageResources.on_call_person_mustache),
            ("policy-level", PackageResources.policy_level_mustache),
            ("rehearsal-result", PackageResources.rehearsal_result_mustache),
            ("user-head", PackageResources.user_head_mustache),
            ("user-preferences", PackageResources.user_preferences_mustache),
        ]
    }

    private static var pages: [(String, [UInt8])] {
        [
            ("error", PackageResources.error_mustache),
            ("rules", PackageResources.rules_mustache),
            ("grouping-preview", PackageResources.grouping_preview_mustache),
            ("sign-in", PackageResources.sign_in_mustache),
            ("set-up", PackageResources.set_up_mustache),
            ("mail-link", PackageResources.mail_link_mustache),
            ("alert-list", PackageResources.alert_list_mustache),
            ("alert", PackageResources.alert_mustache),
            ("alert-new", PackageResources.alert_new_mustache),
            ("wizard-type", PackageResources.wizard_type_mustache),
            ("wizard-name", PackageResources.wizard_name_mustache),
            ("wizard-escalation", PackageResources.wizard_escalation_mustache),
            ("wizard-grouping", PackageResources.wizard_grouping_mustache),
            ("wizard-settings", PackageResources.wizard_settings_mustache),
            ("source-list", PackageResources.source_list_mustache),
            ("source", PackageResources.source_mustache),
            ("source-actions", PackageResources.source_actions_mustache),
            ("source-edit", PackageResources.source_edit_mustache),
            ("deletion", PackageResources.deletion_mustache),
            ("event-list", PackageResources.event_list_mustache),
            ("event", PackageResources.event_mustache),
            ("mail-rules", PackageResources.mail_rules_mustache),
            ("mapping", PackageResources.mapping_mustache),
            ("guide", PackageResources.guide_mustache),
            ("guide-integration", PackageResources.guide_integration_mustache),
            ("guide-integrations", PackageResources.guide_integrations_mustache),
            ("guide-conditions", PackageResources.guide_conditions_mustache),
            ("guide-templates", PackageResources.guide_templates_mustache),
            ("guide-grouping", PackageResources.guide_grouping_mustache),
            ("guide-rapidspike", PackageResources.guide_rapidspike_mustache),
            ("guide-events", PackageResources.guide_events_mustache),
            ("schedule-list", PackageResources.schedule_list_mustache),
            ("schedule", PackageResources.schedule_mustache),
            ("schedule-edit", PackageResources.schedule_edit_mustache),
            ("schedule-load", PackageResources.schedule_load_mustache),
            ("shift", PackageResources.shift_mustache),
            ("on-call", PackageResources.on_call_mustache),
            ("my-shifts", PackageResources.my_shifts_mustache),
            ("calendar-import", PackageResources.calendar_import_mustache),
            ("policy-list", PackageResources.policy_list_mustache),
            ("policy", PackageResources.policy_mustache),
            ("policy-edit", PackageResources.policy_edit_mustache),
            ("heartbeat-list", PackageResources.heartbeat_list_mustache),
            ("heartbeat", PackageResources.heartbeat_mustache),
            ("heartbeat-edit", PackageResources.heartbeat_edit_mustache),
            ("flow-list", PackageResources.flow_list_mustache),
            ("flow", PackageResources.flow_mustache),
            ("flow-edit", PackageResources.flow_edit_mustache),
            ("flow-node", PackageResources.flow_node_mustache),
            ("maintenance-list", PackageResources.maintenance_list_mustache),
            ("maintenance", PackageResources.maintenance_mustache),
            ("maintenance-edit", PackageResources.maintenance_edit_mustache),
            ("support-hours-list", PackageResources.support_hours_list_mustache),
            ("support-hours", PackageResources.support_hours_mustache),
            ("support-hours-edit", PackageResources.support_hours_edit_mustache),
            ("user-list", PackageResources.user_list_mustache),
            ("user-new", PackageResources.user_new_mustache),
            ("user", PackageResources.user_mustache),
            ("user-notifications", PackageResources.user_notifications_mustache),
            ("security", PackageResources.security_mustache),
            ("team-list", PackageResources.team_list_mustache),
            ("team", PackageResources.team_mustache),
            ("team-edit", PackageResources.team_edit_mustache),
            ("rehearsal", PackageResources.rehearsal_mustache),
            ("paging-times", PackageResources.paging_times_mustache),
            ("account", PackageResources.account_mustache),
            ("audit", PackageResources.audit_mustache),
            ("nodes", PackageResources.nodes_mustache),
        ]
    }
}
