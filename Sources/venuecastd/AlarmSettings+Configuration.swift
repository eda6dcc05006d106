import Alarms
import Monitoring
import VenuecastConfiguration

extension AlarmSettings {
    init(_ configuration: Configuration.Alarms) {
        self.init()
        policy.program = .seconds(configuration.programSeconds)
        policy.venue = .seconds(configuration.venueSeconds)
        policy.absent = .seconds(configuration.absentSeconds)
        policy.input = .seconds(configuration.inputSeconds)
        policy.recording = .seconds(configuration.recordingSeconds)
        policy.impaired = .seconds(configuration.impairedSeconds)
        policy.clear = .seconds(configuration.clearSeconds)
        webhook = configuration.webhook.map { Webhook(url: $0.url, secretFile: $0.secretFile) }
        command = configuration.command.map {
            Command(arguments: $0.arguments, deadline: .seconds($0.deadlineSeconds))
        }
    }
}
