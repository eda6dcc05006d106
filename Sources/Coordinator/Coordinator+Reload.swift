import ArchiveAccess
import Dispatch
import Supervision
import VenuecastConfiguration
import VenuecastModel

/// A changed configuration takes the place of the one in force: only what differs is touched.
extension Coordinator {
    private static let files = DispatchQueue(label: "venuecast.archive")

    public func reload(_ request: ReloadRequest) async throws(ControlError) -> ReloadReport {
        let isDryRun = request.dryRun ?? false
        let own = configuration.path
        guard isDryRun || request.file == nil else { throw .fileOnlyWithDryRun(own) }
        guard !isReloading, hasTakenBack else { throw .reloadUnderWay }
        isReloading = true
        defer { isReloading = false }

        let file = request.file ?? own
        let (loaded, problems, text) = await loader.check(path: file)
        guard let loaded else {
            if !isDryRun {
                logger.error("the configuration is refused; nothing was changed", metadata: ["file": "\(file)"])
                for problem in problems { logger.error("\(problem)") }
                record(EventDraft(refusedReload: file, problems))
            }
            throw .configurationRefused(file, problems)
        }
        let before = wanted(configuration, fresh: false)
        let after = wanted(loaded, fresh: true)
        var warnings = problems.map(\.description)
        var warningsZh = warnings
        if loaded.control != configuration.control {
            warnings.append("[control] has changed: mode and group of the sockets are set when the daemon starts next.")
            warningsZh.append("[control] 已更改：套接字的权限和属组将在守护进程下次启动时生效。")
        }
        if loaded.events != configuration.events {
            warnings.append("[events] has changed: how long events are kept counts when the daemon starts next.")
            warningsZh.append("[events] 已更改：事件的保存期限将在守护进程下次启动时生效。")
        }
        let report = ReloadReport(
            dryRun: isDryRun, file: file, changes: ReloadChanges.between(before, after), warnings: warnings,
            warningsZh: warningsZh)
        if isDryRun { return report }
        do {
            try checkSession(report.changes, yes: request.yes)
        } catch {
            // A signal has nobody else to tell it to.
            logger.error("the reload is refused; nothing was changed", metadata: ["because": "\(error)"])
            throw error
        }
        // Nothing is waited for since `after` was made: an order that was acknowledged meanwhile would be undone by it.
        await adopt(loaded, after)
        accepted?.adopt(text)
        record(EventDraft(report))
        logger.notice("reloaded the configuration", metadata: ["changes": "\(report.changes.count)"])
        for change in report.changes {
            logger.notice(
                "reload: \(change.change.rawValue)",
                metadata: ["worker": "\(change.worker)", "because": "\(change.because.joined(separator: "; "))"])
        }
        // This waits for a disk.
        await adoptArchive(loaded.archive)
        return report
    }

    /// Certificates and tokens are read again each time, whatever the configuration says: their files are what changes.
    private func adoptArchive(_ settings: ArchiveSettings?) async {
        do {
            try await Self.files.perform { [archive] () throws(ArchiveFault) in try archive.adopt(settings) }
        } catch {
            logger.error(
                "the archive goes on with the certificate and the tokens it has", metadata: ["because": "\(error)"])
        }
    }
}
