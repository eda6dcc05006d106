import Foundation

extension ConfigurationReader {
    func readEvents(_ root: Section) -> Configuration.Events {
        var events = Configuration.Events()
        guard let section = root.section("events") else { return events }
        events.keepMonths = section.integer("keepMonths", 6...120, unit: " months") ?? events.keepMonths
        section.finish()
        return events
    }

    func readAlarms(_ root: Section) -> Configuration.Alarms {
        var alarms = Configuration.Alarms()
        guard let section = root.section("alarms") else { return alarms }
        func seconds(_ key: String, _ value: inout Int) {
            value = section.integer(key, 1...3600, unit: " s") ?? value
        }
        seconds("programSeconds", &alarms.programSeconds)
        seconds("venueSeconds", &alarms.venueSeconds)
        seconds("absentSeconds", &alarms.absentSeconds)
        seconds("inputSeconds", &alarms.inputSeconds)
        seconds("recordingSeconds", &alarms.recordingSeconds)
        seconds("impairedSeconds", &alarms.impairedSeconds)
        seconds("clearSeconds", &alarms.clearSeconds)
        alarms.webhook = section.section("webhook").flatMap(readWebhook)
        alarms.command = section.section("command").flatMap(readCommand)
        section.finish()
        return alarms
    }

    func readMonitoring(_ root: Section) -> Configuration.Monitoring {
        var monitoring = Configuration.Monitoring()
        if let section = root.section("monitoring") { readMonitoring(section, &monitoring) }
        if monitoring.confidence {
            monitoring.pipelineFile = pipelineFile("confidence", place: "monitoring") ?? ""
        }
        return monitoring
    }

    private func readMonitoring(_ section: Section, _ monitoring: inout Configuration.Monitoring) {
        func number(_ key: String, _ value: inout Double, _ range: ClosedRange<Double>, _ unit: String) {
            value = section.number(key, range, unit: unit) ?? value
        }
        monitoring.confidence = section.boolean("confidence") ?? true
        monitoring.inputs = section.boolean("inputs") ?? true
        number("blackSeconds", &monitoring.limits.blackSeconds, 0...3600, " s")
        number("blackLuma", &monitoring.limits.blackLuma, 16...64, "")
        number("frozenSeconds", &monitoring.limits.frozenSeconds, 0...3600, " s")
        number("frozenDifference", &monitoring.limits.frozenDifference, 0.01...5, "")
        number("silentSeconds", &monitoring.limits.silentSeconds, 0...3600, " s")
        number("silenceDbfs", &monitoring.limits.silenceDbfs, -100...(-20), " dBFS")
        number("clippingSeconds", &monitoring.limits.clippingSeconds, 0...3600, " s")
        number("missingSeconds", &monitoring.limits.missingSeconds, 0...600, " s")
        number("loudnessLufs", &monitoring.limits.loudnessLufs, -40...(-10), " LUFS")
        number("loudnessToleranceLu", &monitoring.limits.loudnessToleranceLu, 1...30, " LU")
        number("loudnessSeconds", &monitoring.limits.loudnessSeconds, 0...3600, " s")
        number("soundOffsetMs", &monitoring.limits.soundOffsetMs, 50...5000, " ms")
        number("soundOffsetSeconds", &monitoring.limits.soundOffsetSeconds, 0...3600, " s")
        section.finish()
    }

    private func readWebhook(_ section: Section) -> Configuration.Alarms.Webhook? {
        section.require("url", "write url = \"https://…\"")
        section.require(
            "secretFile", "write secretFile = \"keys/webhook\", a file with what the messages are signed with")
        let url = section.text("url").flatMap { webhookURL(section, $0) }
        let secretFile = section.text("secretFile").map(absolute)
        if let secretFile, let fault = PlainFile.secretFault(secretFile) {
            section.error("secretFile", fault.cause, fault.nextStep)
        }
        section.finish()
        guard let url, let secretFile else { return nil }
        return Configuration.Alarms.Webhook(url: url, secretFile: secretFile)
    }

    private func webhookURL(_ section: Section, _ text: String) -> String? {
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, !text.hasControlCharacters, !text.contains("\"")
        else {
            return section.wrongValue("url", .text(text), "an address that begins with https:// or http://")
        }
        if parts.user != nil || parts.password != nil {
            section.error(
                "url", "a secret has no place in a configuration", "remove user and password: messages are signed")
        }
        return text
    }

    private func readCommand(_ section: Section) -> Configuration.Alarms.Command? {
        section.require("arguments", "write arguments = [\"/usr/local/bin/tell\", \"…\"]")
        let arguments = section.texts("arguments")
        let deadline = section.integer("deadlineSeconds", 1...300, unit: " s") ?? 10
        section.finish()
        guard let arguments, let program = arguments.first else { return nil }
        if !program.hasPrefix("/") {
            section.error("arguments[0]", "\(program.quoted) is no absolute path", "write where the program is")
        } else if access(program, X_OK) != 0 {
            section.error(
                "arguments[0]", "\(program) is missing, or this user may not run it", "install it, or correct the path")
        }
        return Configuration.Alarms.Command(arguments: arguments, deadlineSeconds: deadline)
    }
}
