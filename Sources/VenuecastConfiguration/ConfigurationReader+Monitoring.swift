extension ConfigurationReader {
    func readEvents(_ root: Section) -> Configuration.Events {
        var events = Configuration.Events()
        guard let section = root.section("events") else { return events }
        events.keepMonths = section.integer("keepMonths", 6...120, unit: " months") ?? events.keepMonths
        section.finish()
        return events
    }
}
